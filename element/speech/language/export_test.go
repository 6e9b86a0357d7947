package language

// SyllablePhones is for tests.
var SyllablePhones = syllablePhones
