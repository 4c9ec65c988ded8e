"""Accounts of the staff side, and signing in with them as a browser without scripts would."""

import html
import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pyotp
from argon2 import PasswordHasher

from bot import wiring
from bot.access import Access
from bot.domain.staff import Role
from bot.settings import load

PASSWORD = "una frase que solo yo conozco"
_STEP_S = 30


class Account:
    """Somebody with an account: her address, her password, her authenticator."""

    def __init__(self, email, password, secret):
        self.email = email
        self.password = password
        self.secret = secret
        self._used = 0

    @classmethod
    def enrolled(cls, environment, email, role, community=None, language="es"):
        """Make an account in the database of a server. Its first password is cheap to verify: Argon2 is not what is tested."""
        with wiring.database(load(environment)) as store:
            access = Access(store, wiring.SystemClock(), PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
            made = access.enrol(email, Role(role), community, language)
        return cls(email, made.password, re.search(r"secret=(\w+)", made.uri)[1])

    @classmethod
    def read(cls, shown):
        """What `batea staff add` has shown."""
        email = shown.split(":", 1)[0]
        return cls(email, re.search(r"UTC: (\S+)", shown)[1], re.search(r"secret=(\w+)", shown)[1])

    def code(self):
        """A code that was not used yet; waits for one where two were used within the same half minute."""
        while (number := max(self._used + 1, int(time.time()) // _STEP_S)) > int(time.time()) // _STEP_S + 1:
            time.sleep(0.5)
        self._used = number
        return pyotp.TOTP(self.secret).generate_otp(number)


class Visitor:
    """A browser without scripts: keeps cookies, follows redirects, sends the forms that a page has."""

    def __init__(self, url):
        self.url = url
        # Cookies for https only are sent all the same: in a test nothing stands before the server that would speak it.
        policy = http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https"))
        self.jar = http.cookiejar.CookieJar(policy)
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.page = ""
        self.path = ""
        self.status = 0
        self.headers = {}

    def get(self, path):
        return self._open(urllib.request.Request(self.url + path))

    def post(self, path, csrf=None, **fields):
        """Send a form with the token of the page that is open, unless another one is given."""
        fields["csrf"] = self.csrf() if csrf is None else csrf
        return self._open(urllib.request.Request(self.url + path, data=urllib.parse.urlencode(fields).encode()))

    def fetch(self, path):
        """The bytes of a file; the page stays the one that is open."""
        with self.opener.open(self.url + path, timeout=30) as response:
            self.status, self.headers = response.status, response.headers
            return response.read()

    def upload(self, path, name, content, csrf=None):
        """Send a form with a file."""
        edge = uuid.uuid4().hex
        token = self.csrf() if csrf is None else csrf
        head = f'--{edge}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{token}\r\n--{edge}\r\n'
        file = f'Content-Disposition: form-data; name="{name}"; filename="x"\r\nContent-Type: application/octet-stream\r\n\r\n'
        body = (head + file).encode() + content + f"\r\n--{edge}--\r\n".encode()
        headers = {"content-type": f"multipart/form-data; boundary={edge}"}
        return self._open(urllib.request.Request(self.url + path, data=body, headers=headers))

    def csrf(self):
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        return html.unescape(found[1]) if found else ""

    def _open(self, request):
        try:
            response = self.opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            self.page = response.read().decode()
            self.status, self.headers = response.status, response.headers
            self.path = urllib.parse.urlparse(response.url).path
        return self.status

    def sign_in(self, account):
        """All the way in, with a password of her own where she has a temporary one."""
        self.get("/staff/signin")
        self.post("/staff/signin", email=account.email, password=account.password)
        self.post("/staff/code", code=account.code())
        if self.path == "/staff/password":
            self.post("/staff/password", password=PASSWORD, again=PASSWORD)
            account.password = PASSWORD
        assert self.path == "/staff/", (self.path, self.page)
        return self
