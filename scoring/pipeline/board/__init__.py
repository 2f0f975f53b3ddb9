"""The pipeline board: open deals and hot leads in the columns of their stages."""
