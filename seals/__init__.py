"""The institution's electronic seal: keys, certificates, signatures, time stamps, and how they are checked."""
