/**
 * Every option of the drand relay. `--help`, docs/running-a-node.md and the validation come from this table.
 */
import { type ConfigOf, options, type Table } from '@enigma/process'
import { type Hex, parseHex, QUICKNET } from '@enigma/protocol'
import { principalTable } from '../config.ts'

const { rpcUrl, chainId, enigma, operatorKey, host, pollMs, tipGwei, maxFeeGwei, replaceAfterBlocks } = principalTable

const urls = options.httpUrls({
  sentence: 'Where drand’s HTTP API answers, with commas between; the first that answers well is enough.',
  default: 'https://api.drand.sh,https://drand.cloudflare.com',
})

export const drandRelayTable = {
  dataDir: options.path({ sentence: 'Directory of this relay alone: its seeds.', default: '.enigma/drand-relay' }),
  ...{ rpcUrl, chainId, enigma, operatorKey },
  drandUrl: { ...urls, parse: (found: string) => (found === '-' ? refuseNone() : urls.parse(found)) },
  drandChain: {
    ...options.text({
      sentence: 'Hash of drand’s network, as its paths name it.',
      default: QUICKNET.chainHash.slice(2),
    }),
    parse: (found: string): Hex => parseHex(`0x${found}`, { bytes: 32, what: 'the hash of drand’s network' }),
  },
  host,
  port: options.count({ sentence: 'Port to listen on; 0 takes a free one.', default: '8084', most: 65_535 }),
  ...{ pollMs, tipGwei, maxFeeGwei, replaceAfterBlocks },
} satisfies Table

function refuseNone(): never {
  throw new RangeError('names no endpoint')
}

export type DrandRelayConfig = ConfigOf<typeof drandRelayTable>
