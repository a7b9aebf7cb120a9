/** Longest id, in bytes: a signed token fits, a document does not. */
export const idBytes = 1_024
/** Longest address, in bytes: twice what browsers and proxies commonly accept. */
export const addressBytes = 4_096
/** Longest name of a kind (device, category, country), in bytes: they are words, and results list them. */
export const nameBytes = 256
/** Longest duration, in milliseconds: a week, as for windows; more is a broken clock. */
export const longestDuration = 604_800_000
