/** The flow runtime as the other parts of the gateway use it. */
import type { RpcPeer } from '../../base/rpc.ts'
import type { RuntimeState } from '../api/index.ts'
import type { runtimeRpc } from '../runtime/contract.ts'

export interface Runtime {
  readonly state: RuntimeState
  /** The open connection. @throws OperationalError runtime-away (503) with what to do */
  peer(): RpcPeer<typeof runtimeRpc>
  /** The runtime connected (its nodes will subscribe again) or went away. */
  onConnection(listener: (isConnected: boolean) => void): void
}
