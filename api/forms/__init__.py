"""Forms as offices know them: what can be drawn up now, and drawing it up."""

from api.forms.registry import FORMS, available
from api.forms.service import filename, rendered
from api.forms.templates import Templates

__all__ = ["FORMS", "Templates", "available", "filename", "rendered"]
