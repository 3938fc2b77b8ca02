/** The connectors that ship with the product. A new one: its folder, its conformance test, and a line here. */
import type { TObject } from 'typebox'
import type { Connector } from './contract.ts'
import { workOrderFolder } from './work-order-folder/index.ts'

/** Settings are checked against the connector's own schema before any of its functions is called; here they are opaque. */
export type AnyConnector = Connector<TObject>

export const CONNECTORS: readonly AnyConnector[] = [workOrderFolder as unknown as AnyConnector]
