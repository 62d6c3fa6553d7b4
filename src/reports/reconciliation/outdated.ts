/** Why figures that were compared are asked for again. @param entry the newest that was booked after them */
export const bookedSinceText = (entry: number): string => `entry ${entry} was booked since`;
