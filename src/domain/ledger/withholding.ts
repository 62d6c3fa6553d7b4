/** Usual US withholding on dividends of a UK holder with a W-8BEN: Article 10(2)(b) of the UK-US double tax treaty. */
export const US_WITHHOLDING = '0.15';
