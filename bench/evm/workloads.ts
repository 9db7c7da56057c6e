/** What is measured: Solidity as a dApp's author writes it, compiled here. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import solc from 'solc'
import { type Abi, bytesToHex, encodeFunctionData, type Hex, keccak256, toHex } from 'viem'

export type Workload = {
  name: string
  /** `compute` is held against both rivals; `precompile` measures a library; `small` is one everyday task. */
  kind: 'compute' | 'precompile' | 'small'
  code: Hex
  data: Hex
}
type Contract = { abi: Abi; evm: { deployedBytecode: { object: string } } }

const SOURCE = 'Workloads.sol'

export type Suite = { workloads: Workload[]; nothing: Workload; meter: { code: Hex; abi: Abi } }

export function compileWorkloads(): Suite {
  const contracts = compile()
  const workload = (
    kind: Workload['kind'],
    name: string,
    of: string,
    functionName: string,
    args: readonly unknown[],
  ) => {
    const { abi, code } = pick(contracts, of)
    return { name, kind, code, data: encodeFunctionData({ abi, functionName, args }) }
  }
  const people = Array.from({ length: 100 }, (_, i) => toHex(0x1000 + i * 7_919, { size: 20 }))
  const wealth = people.map((_, i) => ((BigInt(i) * 7_919_000_027n) % 1_000_000_007n) * 10n ** 12n)
  return {
    workloads: [
      workload('compute', 'checked arithmetic, 100,000 steps', 'Arithmetic', 'checkedSteps', [100_000n]),
      workload('compute', 'wide arithmetic, 50,000 steps', 'Arithmetic', 'wideSteps', [50_000n]),
      workload('compute', 'keccak256, 50,000 times', 'Hashing', 'keccakChain', [50_000n]),
      workload('compute', 'second-price auction, 1,000 bids', 'Auction', 'close', [1_000n, 42n]),
      workload('compute', 'second-price auction, 20,000 bids', 'Auction', 'close', [20_000n, 42n]),
      workload('small', 'millionaires, 100 people', 'Millionaires', 'richest', [1n, people, wealth]),
      workload('compute', 'millionaires, 100 people 500 times', 'Millionaires', 'richest', [500n, people, wealth]),
      workload('compute', 'ABI coding, uint256[1000] 40 times', 'Coding', 'numbers', [40n, 1_000n]),
      workload('compute', 'ABI coding, 200 structs 40 times', 'Coding', 'orders', [40n, 200n]),
      workload('compute', 'matrices 20 × 20, 5 products', 'Matrices', 'product', [20n, 5n]),
      workload('compute', 'token, 2,000 transfers', 'Token', 'pay', [2_000n, 50n]),
      workload('compute', 'external calls, 10,000', 'Calls', 'sum', [10_000n]),
      workload('precompile', 'sha256, 1,000 times', 'Hashing', 'sha256Chain', [1_000n]),
      workload('precompile', 'ecrecover, 100 times', 'Hashing', 'recover', [100n, ...signature()]),
    ],
    nothing: workload('small', 'an empty call', 'Nothing', 'nothing', []),
    meter: pick(contracts, 'Meter'),
  }
}

function compile(): Record<string, Contract> {
  const input = {
    language: 'Solidity',
    sources: { [SOURCE]: { content: readFileSync(path.join(import.meta.dirname, SOURCE), 'utf8') } },
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.deployedBytecode.object'] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input))) as {
    errors?: { severity: string; formattedMessage: string }[]
    contracts: Record<string, Record<string, Contract>>
  }
  const faults = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (faults.length > 0) throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join('\n'))
  return output.contracts[SOURCE] ?? {}
}

function pick(contracts: Record<string, Contract>, name: string): { abi: Abi; code: Hex } {
  const contract = contracts[name]
  if (!contract) throw new Error(`${SOURCE} has no contract ${name}.`)
  return { abi: contract.abi, code: `0x${contract.evm.deployedBytecode.object}` }
}

/** A valid signature, as `ecrecover` wants it. */
function signature(): [Hex, number, Hex, Hex] {
  const hash = keccak256('0x010203')
  const secret = new Uint8Array(32).fill(7)
  const bytes = secp256k1.sign(Buffer.from(hash.slice(2), 'hex'), secret, { prehash: false, format: 'recovered' })
  return [hash, 27 + (bytes[0] ?? 0), bytesToHex(bytes.subarray(1, 33)), bytesToHex(bytes.subarray(33))]
}
