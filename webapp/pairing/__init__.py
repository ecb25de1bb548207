"""P8 pairing 结对帮创: who helps whom, from the matching board through the help itself to a declaration."""
