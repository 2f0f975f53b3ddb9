"""The page of a lead for salespeople: timeline, notes, e-mails, manual bands, quick capture."""
