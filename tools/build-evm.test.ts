/** The committed WebAssembly is what its source says, and small. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { wasmBase64 } from '../packages/evm/src/wasm-bytes.ts'
import { buildEvm, staleFiles } from './build-evm.ts'

const MOST_BYTES = 40_000

let built: Uint8Array
beforeAll(async () => {
  built = await buildEvm()
})

test('the machine that is committed is the one that its source builds to', () => {
  expect(staleFiles(built)).toEqual([])
})

test('the module holds the bytes of the file', () => {
  const file = readFileSync(path.join(import.meta.dirname, '../packages/evm/evm.wasm'))
  expect(wasmBase64).toBe(file.toString('base64'))
})

test('takes at most 40 kB, imports nothing, and builds the same again', async () => {
  expect(built.length).toBeLessThanOrEqual(MOST_BYTES)
  expect(WebAssembly.Module.imports(new WebAssembly.Module(Buffer.from(built)))).toEqual([])
  expect(await buildEvm()).toEqual(built)
})

test('notices a machine that differs in one bit', () => {
  const other = built.slice()
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
  expect(staleFiles(other)).toHaveLength(2)
})
