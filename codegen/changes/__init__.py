"""What changed between two documents, judged for who uses the generated client.

`compare` gives the differences, `semver_step` the step they ask for, `report` a text; `main_diff`
does all that against a revision in git. Only `revision` knows git, files and the terminal.

**Breaking** is what can stop code that worked: a name that is gone, an argument that is new and must
be given, a type that readers did not expect, a value that is refused now, a call that behaves
otherwise. **Additive** is what old code need not know. **Neutral** is what it cannot notice.

A schema is judged once, at its own place, and for each way it travels. Where both ways agree it is
one change, else one for each. These verdicts are not obvious:

- *A type that takes more* is additive where it is sent and breaking where it is read; one that takes
  less is breaking both ways, for a class that readers wait for does not come any more.
- *None* that a schema begins to allow is neutral for a member that readers had to expect None of:
  one of a class that is only read and not marked ``x-always``.
- *A class that begins or ceases to be sent* breaks its readers: what is left out reads as UNSET in a
  class that is sent, as None in one that is not.
- *A new member of a union* breaks readers, who got an UnknownVariant; *of an open enumeration* it is
  additive, for a value equals its text with or without a name.
- *Limits* (``maxLength``, ``pattern``, formats that make no type) matter only where values are sent.
  A pattern that changes is taken to be narrower.
- *``x-idempotent``* breaks both ways: whoever catches FailedError meets OutcomeUnknownError, or the
  reverse.
- *Security* breaks when a token that was enough for some alternative is enough for none now; it is
  additive when other tokens are let in.
- *Method, path and names on the wire* are neutral: the signature hides them. So are the bodies of
  refusals, which no method returns.
- *``x-pagination``* that comes to a list is additive, for every list comes in a Pager; that goes or
  becomes another kind is breaking.
- *``x-send-default``* breaks whenever what is sent without being asked for changes; a default that is
  not sent is neutral.
- *A schema or operation with another name* is one breaking change, and compared under the new name.
"""

from codegen.changes.change import Change, Direction, Kind, Step, semver_step
from codegen.changes.comparison import compare
from codegen.changes.report import report
from codegen.changes.revision import RevisionError, main_diff, old_document

__all__ = [
    "Change",
    "Direction",
    "Kind",
    "RevisionError",
    "Step",
    "compare",
    "main_diff",
    "old_document",
    "report",
    "semver_step",
]
