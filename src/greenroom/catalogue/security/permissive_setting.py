"""SEC007: a setting that protects is open."""

from greenroom.catalogue.security.opened_setting import DEBUG_WIDE
from greenroom.model.mode import FailureMode, Family

MODE = FailureMode(
    code="SEC007",
    name="permissive-setting",
    family=Family.SECURITY,
    summary="a setting that protects users is open: debug, origins, hosts, certificates",
    consequence="strangers read tracebacks and settings, other sites act for users, or forged servers are believed",
    remedy="keep what protects closed by default, and test the production settings themselves",
    source="OWASP Top 10, A05:2021 Security Misconfiguration; Django documentation, Deployment checklist",
    operators=(DEBUG_WIDE,),
)
