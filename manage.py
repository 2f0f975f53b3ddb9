#!/usr/bin/env python
"""Django's command line: `python manage.py help` lists the commands."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    # Not every 700 objects: what a start makes stays, and looking through it takes a tenth of it.
    gc.set_threshold(50_000, 10, 10)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
    execute_from_command_line(sys.argv)
