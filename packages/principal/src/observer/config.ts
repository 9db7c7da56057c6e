/**
 * Every option of an observer. `--help`, docs/running-a-node.md and the validation come from this table.
 */
import { type ConfigOf, options, type Table } from '@enigma/process'

export const followReorganisations = options.yesNo({
  sentence: 'Whether the observer signs anew for a number whose block was exchanged. For development chains only.',
  default: 'false',
})

export const observerTable = {
  dataDir: options.path({
    sentence: 'Directory of this observer alone: what it has signed.',
    default: '.enigma/observer',
  }),
  rpcUrl: options.httpUrl({ sentence: 'JSON-RPC of an Ethereum node of your own.' }),
  chainId: options.bigCount({ sentence: 'Chain id that this node must serve.' }),
  observerKey: options.privateKey({ sentence: 'Private key that signs headers. It needs no ether.' }),
  depth: options.count({
    sentence: 'Blocks on top of a block before it is signed; the network’s, which its contract announced.',
    most: 64,
  }),
  followReorganisations,
  host: options.text({ sentence: 'Address to listen on.', default: '127.0.0.1' }),
  port: options.count({ sentence: 'Port to listen on; 0 takes a free one.', default: '8083', most: 65_535 }),
} satisfies Table

export type ObserverDaemonConfig = ConfigOf<typeof observerTable>
