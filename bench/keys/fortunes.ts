/** The dApp that is measured, compiled here. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import solc from 'solc'
import type { Abi, Hex } from 'viem'

const ROOT = path.join(import.meta.dirname, '../..')
const SOURCE = 'bench/keys/Fortunes.sol'

export function compileFortunes(): { abi: Abi; bytecode: Hex } {
  const input = {
    language: 'Solidity',
    sources: { [SOURCE]: { content: readFileSync(path.join(ROOT, SOURCE), 'utf8') } },
    settings: {
      optimizer: { enabled: true, runs: 10_000 },
      viaIR: true,
      evmVersion: 'osaka',
      outputSelection: { '*': { Fortunes: ['abi', 'evm.bytecode.object'] } },
    },
  }
  const load = (file: string) => ({ contents: readFileSync(path.join(ROOT, file), 'utf8') })
  const { contracts, errors = [] } = JSON.parse(solc.compile(JSON.stringify(input), { import: load }))
  const fault = errors.find(({ severity }: { severity: string }) => severity === 'error')
  if (fault) throw new Error(fault.formattedMessage)
  const { abi, evm } = contracts[SOURCE].Fortunes
  return { abi, bytecode: `0x${evm.bytecode.object}` }
}
