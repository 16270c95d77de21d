// Quechua. Awaits a translator of the Ministry of Culture's register (Ley 29735): every key that is missing falls back to Spanish.
// A translation is one line here: the key of a sentence of es-PE.js or of one of its parts, and the sentence. Write the apostrophe as ’,
// keep what stands in braces, and of a pair `.one` and `.other` both.
export default {};
