/** A check cannot be made because of something that another check reports: no fault of its own. */
export class NotKnowable extends Error {}
