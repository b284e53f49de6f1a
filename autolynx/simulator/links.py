"""Links into the simulator that need no key: recordings and call control."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    """Makes and checks signed links."""

    base: str  # such as http://127.0.0.1:8503
    secret: str

    def recording(self, call_id: str, kind: str, expires_ms: int | None = None) -> str:
        """Return a link to a recording; without an expiry it lasts."""
        expires = str(expires_ms or 0)
        signature = self._sign("recording", call_id, kind, expires)
        return f"{self.base}/recordings/{call_id}-{kind}.wav?expires={expires}&signature={signature}"

    def is_recording(self, call_id: str, kind: str, expires: str, signature: str, now_ms: int) -> bool:
        """Tell whether a link to a recording is ours and still good."""
        genuine = hmac.compare_digest(signature.encode(), self._sign("recording", call_id, kind, expires).encode())
        return genuine and (expires == "0" or int(expires) > now_ms)

    def control(self, call_id: str) -> str:
        """Return the address at which a live call takes commands."""
        return f"{self.base}/{call_id}/{self._sign('control', call_id)}/control"

    def is_control(self, call_id: str, token: str) -> bool:
        """Tell whether a control address is ours."""
        return hmac.compare_digest(token.encode(), self._sign("control", call_id).encode())

    def listen(self, call_id: str) -> str:
        """Return the address at which one could listen in; nothing answers there."""
        return f"{self.base.replace('http', 'ws', 1)}/{call_id}/{self._sign('listen', call_id)}/listen"

    def _sign(self, *parts: str) -> str:
        return hmac.new(self.secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
