"""Forms of user tasks: form-js documents compiled to WTForms, checked and shown by the server."""

from forms.compile import CompiledForm, Validated, compile_form
from forms.documents import FormDocumentError, FormProblem, read_document
from forms.examples import example_data
from forms.fields import UploadInfo
from forms.messages import FieldError

__all__ = [
    "CompiledForm",
    "FieldError",
    "FormDocumentError",
    "FormProblem",
    "UploadInfo",
    "Validated",
    "compile_form",
    "example_data",
    "read_document",
]
