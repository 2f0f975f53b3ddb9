"""The qualification matrix: whom we look for, degree by degree, as both teams fill it in.

Import direction: degrees <- spans, texts <- ways <- grids <- groups <- models <- workbook, letter
<- pages.
"""
