/** What can be connected, with what each kind is for. */
import './connection-form.css'
import { Button } from '@mantine/core'
import { Database, FolderInput, FolderSync, Plug, RadioTower } from 'lucide-react'
import type { ConnectorInfo } from '../../../server/api/connections.ts'
import { useLanguage } from '../text/index.ts'
import { useCommonText } from '../theme.tsx'
import { useConnectors } from './use-connectors.ts'
import { sayError, useConnectionsText } from './words.ts'

const ICONS: Readonly<Record<string, typeof Plug>> = {
  'work-order-folder': FolderSync,
  'folder-events': FolderInput,
  'mqtt-events': RadioTower,
  'postgres-events': Database,
}
export const iconOf = (connectorId: string): typeof Plug => ICONS[connectorId] ?? Plug

/** @param only a kind is offered when this says so @defaultValue all */
export function KindChoice({ onChoose, only = () => true }: { onChoose: (connector: ConnectorInfo) => void; only?: (connector: ConnectorInfo) => boolean }) {
  const text = useConnectionsText()
  const common = useCommonText()
  const language = useLanguage()
  const { connectors, error, again } = useConnectors()
  if (error)
    return (
      <div role="alert">
        <p>{sayError(error, language)}</p>
        <Button variant="default" onClick={again}>
          {common.retry}
        </Button>
      </div>
    )
  return (
    <ul className="connection-kinds" aria-label={text.kindTitle}>
      {connectors?.filter(only).map((connector) => {
        const Icon = iconOf(connector.id)
        return (
          <li key={connector.id}>
            <button type="button" onClick={() => onChoose(connector)} data-testid={`kind-${connector.id}`}>
              <Icon size={22} aria-hidden />
              <strong>{connector.label}</strong>
              <span>{connector.use}</span>
            </button>
          </li>
        )
      })}
    </ul>
  )
}
