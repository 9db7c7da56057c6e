/** What TypeScript imports of install.mjs, which itself runs on any Node >= 20. */
export const NEXT_FORK: string
export function isInstalled(project: string): boolean
