"""Sequences: e-mails and tasks one after another, for contacts who may leave at any time.

Import direction: models <- enrolments <- times, goals <- leaving <- enrolling <- letters
<- stepping, preview <- follow, jobs, admin.
"""
