from outreach.understanding.commands import understand

if __name__ == "__main__":
    understand()
