/** The connectors that ship with the product. A new one: its folder, its conformance test, and a line here. */
import type { TObject } from 'typebox'
import type { Connector } from './contract.ts'
import { folderEvents } from './folder-events/index.ts'
import { mqttEvents } from './mqtt-events/index.ts'
import { postgresEvents } from './postgres-events/index.ts'
import { serialGauge } from './serial-gauge/index.ts'
import { webhook } from './webhook/index.ts'
import { workOrderFolder } from './work-order-folder/index.ts'

/** Settings are checked against the connector's own schema before any of its functions is called; here they are opaque. */
export type AnyConnector = Connector<TObject>

export const CONNECTORS: readonly AnyConnector[] = [
  workOrderFolder,
  folderEvents,
  mqttEvents,
  postgresEvents,
  serialGauge,
  webhook,
] as unknown as readonly AnyConnector[]
