/**
 * Where compiled code is kept between runs: half of what a start costs is reading, stripping and compiling TypeScript.
 *
 * Node knows each entry by its source's hash. It lies beside the installed packages, so that only who may change those may
 * write it; Core, whose code is measured, takes no part.
 */
import { fileURLToPath } from 'node:url'

export const COMPILE_CACHE = fileURLToPath(new URL('../../../node_modules/.cache/enigma', import.meta.url))
