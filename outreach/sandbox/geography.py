"""Where Twilio guesses that a number is: the place where its area code was issued, or nothing."""

PLACES: dict[str, tuple[str, str, str]] = {
    "213": ("LOS ANGELES", "CA", "90012"),
    "310": ("BEVERLY HILLS", "CA", "90210"),
    "323": ("LOS ANGELES", "CA", "90001"),
    "562": ("LONG BEACH", "CA", "90802"),
    "626": ("PASADENA", "CA", "91101"),
    "818": ("VAN NUYS", "CA", "91401"),
    "212": ("NEW YORK", "NY", "10007"),
}


def place_params(prefix: str, phone: str) -> dict[str, str]:
    """Return City, State, Zip and Country of a number, each name after `prefix` (From or To)."""
    city, state, zip_code = PLACES.get(phone[2:5], ("", "", ""))
    return {
        f"{prefix}City": city,
        f"{prefix}State": state,
        f"{prefix}Zip": zip_code,
        f"{prefix}Country": "US" if phone.startswith("+1") else "",
    }
