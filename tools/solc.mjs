#!/usr/bin/env node
/**
 * The Solidity compiler as Forge wants to find it: a program that answers `--version` and `--standard-json`.
 *
 * npm has no native solc; solc-js is the same compiler built for WebAssembly. Forge puts every source into the request,
 * so nothing is read from disk here.
 */
import { readFileSync } from 'node:fs'
import solc from 'solc'

if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`)
}
