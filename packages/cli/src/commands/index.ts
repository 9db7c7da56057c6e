/** Every command of `enigma`: dispatch, validation, `--help` and docs/cli.md come from this table. */
import { type Command, command } from '../command.ts'
import {
  ATTESTATION_SYNC,
  DEMO,
  NETWORK_FREEZE,
  NETWORK_GOVERN,
  NETWORK_OBSERVERS,
  NETWORK_ROTATE,
  NONE,
  OBSERVER,
  QUOTE_VERIFY,
  TASK_END,
  TASK_TRACE,
  UP,
  WORKER_LEAVE,
  WORKER_START,
  WORKER_STATUS,
  WORKER_WITHDRAW,
} from './options.ts'

const OPERATION = { name: 'ID', text: 'Id of the operation; enigma network operations lists them.' }
const TASK = { name: 'TASK_ID', text: '0x and 64 hex digits, from the TaskRequested event.' }
const QUOTE = { name: 'QUOTE', text: 'File with the quote: raw bytes, hex or base64.' }

export const commands: readonly Command[] = [
  command({
    name: 'up',
    summary: 'Starts a whole network on this machine and stays with it until Ctrl-C.',
    details: [
      'A development chain, the contracts, the Attestation service on a simulated PCS, the Principal, and the workers, each with',
      'its Core as a process of its own. Its facts are written to .enigma/network.json.',
    ],
    options: UP,
    load: async () => (await import('./up.ts')).up,
  }),
  command({
    name: 'down',
    summary: 'Stops the network that enigma up started in this folder.',
    options: NONE,
    load: async () => (await import('./down.ts')).down,
  }),
  command({
    name: 'status',
    summary: 'Shows the network of this folder: chain, epoch, collateral, services, seats.',
    options: NONE,
    load: async () => (await import('./status.ts')).status,
  }),
  command({
    name: 'demo',
    summary: 'Finds the richest of several people, whose fortunes rest sealed on chain, on a network of its own.',
    details: ['The same as npm start.'],
    options: DEMO,
    load: async () => (await import('../demo/main.ts')).demo,
  }),
  command({
    name: 'worker start',
    summary: 'Joins the local network with one more worker and stays with it until Ctrl-C.',
    options: WORKER_START,
    load: async () => (await import('./worker-start.ts')).workerStart,
  }),
  command({
    name: 'worker status',
    summary: 'Shows seats: signer, epochs, earnings, bond.',
    options: WORKER_STATUS,
    load: async () => (await import('./worker-status.ts')).workerStatus,
  }),
  command({
    name: 'worker leave',
    summary: 'Ends a seat’s part in the lottery from the epoch after next on.',
    options: WORKER_LEAVE,
    load: async () => (await import('./worker-leave.ts')).workerLeave,
  }),
  command({
    name: 'worker withdraw',
    summary: 'Pays out what a seat earned, and its bond once the cool-down is over.',
    options: WORKER_WITHDRAW,
    load: async () => (await import('./worker-withdraw.ts')).workerWithdraw,
  }),
  command({
    name: 'observer',
    summary: 'Signs the headers of a chain for networks that name it as an observer, until Ctrl-C.',
    details: [
      'Enclaves believe a header when enough of their network’s observers signed it. An observer needs a node of its own, a key',
      'and a directory, and nothing else: no enclave, no account.',
    ],
    options: OBSERVER,
    load: async () => (await import('./observer.ts')).observer,
  }),
  command({
    name: 'network status',
    summary: 'Shows the network secret: generations, who holds them, which code is revoked.',
    options: NONE,
    load: async () => (await import('./network-status.ts')).networkStatus,
  }),
  command({
    name: 'network rotate',
    summary: 'Opens the next generation of the network secret, and waits until two enclaves hold it.',
    details: [
      'What is sealed from then on is sealed by it; what was sealed before still opens. The governor may at any time; anyone',
      'may once code that held the secret was revoked.',
    ],
    options: NETWORK_ROTATE,
    load: async () => (await import('./network-rotate.ts')).networkRotate,
  }),
  command({
    name: 'network freeze',
    summary: 'Lets no enclave have the network secret that never held it, until the governor ends that.',
    options: NETWORK_FREEZE,
    load: async () => (await import('./network-freeze.ts')).networkFreeze,
  }),
  command({
    name: 'network revoke',
    summary: 'Revokes a measurement: seats of that code are out at once, and get no secret any more.',
    positionals: [{ name: 'ID', text: 'Number of the measurement; enigma network status lists them.' }],
    options: NETWORK_GOVERN,
    load: async () => (await import('./network-revoke.ts')).networkRevoke,
  }),
  command({
    name: 'network retire',
    summary: 'Ends the generations below one: they are neither handed on nor opened. It cannot be undone.',
    details: ['Data that was sealed by them and not sealed anew is lost to everybody.'],
    positionals: [{ name: 'GENERATION', text: 'The oldest that stays.' }],
    options: NETWORK_GOVERN,
    load: async () => (await import('./network-retire.ts')).networkRetire,
  }),
  command({
    name: 'network announce-observers',
    summary: 'Announces other observers, from a later epoch on; seats are taken anew for them until then.',
    details: [
      'Start a worker beside each of yours, with the new observers and --serial one higher: it takes its seat and is given the',
      'secret before the change. Seats of the former observers are out when it takes place, and leave with their bonds.',
    ],
    options: NETWORK_OBSERVERS,
    load: async () => (await import('./network-observers.ts')).networkAnnounceObservers,
  }),
  command({
    name: 'network call-off-observers',
    summary:
      'Calls off the change of observers that is announced; seats that were taken for it leave with their bonds.',
    options: NETWORK_GOVERN,
    load: async () => (await import('./network-observers.ts')).networkCallOffObservers,
  }),
  command({
    name: 'network operations',
    summary: 'Lists what the network’s timelock has scheduled: what will change, and when.',
    details: ['Where the governor is a timelock, whatever he changes stands here first.'],
    options: NONE,
    load: async () => (await import('./network-operations.ts')).networkOperations,
  }),
  command({
    name: 'network execute',
    summary: 'Executes an operation of the timelock whose delay is over; anyone may.',
    positionals: [OPERATION],
    options: NETWORK_GOVERN,
    load: async () => (await import('./network-execute.ts')).networkExecute,
  }),
  command({
    name: 'network cancel',
    summary: 'Cancels an operation of the timelock for good; its owner may, and the guardian.',
    positionals: [OPERATION],
    options: NETWORK_GOVERN,
    load: async () => (await import('./network-cancel.ts')).networkCancel,
  }),
  command({
    name: 'task show',
    summary: 'Shows a task: its terms, its workers, what became of it.',
    positionals: [TASK],
    options: NONE,
    load: async () => (await import('./task-show.ts')).taskShow,
  }),
  command({
    name: 'task watch',
    summary: 'Follows one task to its end, or all tasks until Ctrl-C.',
    positionals: [{ name: 'TASK_ID', text: '0x and 64 hex digits; all tasks if left out.', optional: true }],
    options: NONE,
    load: async () => (await import('./task-watch.ts')).taskWatch,
  }),
  command({
    name: 'task redeliver',
    summary: 'Hands a result whose callback failed to its dApp again; anyone may.',
    details: ['Where the callback would fail again nothing is sent, and its reason is shown.'],
    positionals: [TASK],
    options: TASK_END,
    load: async () => (await import('./task-redeliver.ts')).taskRedeliver,
  }),
  command({
    name: 'task abandon',
    summary: 'Gives up a result whose callback failed, so that its slot is free. It cannot be undone.',
    details: ['Its requester may at any time, anyone after the cool-down of a seat.'],
    positionals: [TASK],
    options: TASK_END,
    load: async () => (await import('./task-abandon.ts')).taskAbandon,
  }),
  command({
    name: 'task trace',
    summary: 'Runs a private function on this machine, as a Core would, and shows what it calls and reads.',
    details: [
      'Nothing is sealed, sent or paid. The state is the local network’s, proven against its block; reads are what an operator',
      'would see. The arguments stay here and are printed.',
    ],
    positionals: [
      { name: 'CONTRACT', text: 'Address of the dApp, or the name of an example of the local network.' },
      {
        name: 'FUNCTION',
        text: 'Its name where the ABI is known, else its signature, as in "f(uint256,(uint8 a,bytes b)[]) returns (bool)".',
      },
      {
        name: 'ARGUMENT',
        text: 'In order; lists and structs as JSON, numbers in it that are large as strings; negative ones after --.',
        many: true,
      },
    ],
    options: TASK_TRACE,
    load: async () => (await import('./task-trace.ts')).taskTrace,
  }),
  command({
    name: 'quote verify',
    summary: 'Verifies a hardware quote against its collateral, and says what is wrong with it.',
    positionals: [QUOTE],
    options: QUOTE_VERIFY,
    load: async () => (await import('./quote-verify.ts')).quoteVerify,
  }),
  command({
    name: 'quote show',
    summary: 'Prints the fields of a quote, also of a broken one up to the fault, without verifying anything.',
    positionals: [QUOTE],
    options: NONE,
    load: async () => (await import('./quote-show.ts')).quoteShow,
  }),
  command({
    name: 'attestation sync',
    summary: 'Brings the attestation collateral that a contract keeps up to date.',
    details: [
      'Fetches and verifies it, compares it with what the contract holds, and sends what is newer: revocation lists,',
      'certificates, TCB info, QE identity. Anyone may; running it twice does no harm.',
    ],
    options: ATTESTATION_SYNC,
    load: async () => (await import('./attestation-sync.ts')).attestationSync,
  }),
]
