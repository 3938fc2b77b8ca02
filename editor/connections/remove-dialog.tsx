/** Deleting a connection: what is lost, and which flows would wait for nothing. */
import { Button, Checkbox, Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { type Connection, removeConnection } from '../../server/api/connections.ts'
import { type ApiError, call } from '../shared/api.ts'
import { sayError, useConnectionsText } from '../shared/connections/words.ts'
import { useLanguage } from '../shared/text/index.ts'
import { useCommonText } from '../shared/theme.tsx'

export function RemoveDialog({ connection, onClose, onRemoved }: { connection: Connection; onClose: () => void; onRemoved: () => void }) {
  const text = useConnectionsText()
  const common = useCommonText()
  const language = useLanguage()
  const [isSure, setSure] = useState(false)
  const [error, setError] = useState<ApiError>()
  const isUsed = connection.uses.length > 0
  const remove = () =>
    call(removeConnection, { params: { connectionId: connection.id }, query: { evenIfUsed: isSure } }).then(() => {
      notifications.show({ message: text.removed(connection.name) })
      onRemoved()
    }, setError)
  return (
    <Modal opened onClose={onClose} title={text.removeTitle(connection.name)}>
      <div className="connections-remove" data-testid="remove-dialog">
        <p>{text.removeText}</p>
        {isUsed && (
          <>
            <p>{text.removeUsed}</p>
            <ul>
              {connection.uses.map(({ nodeId, nodeName, nodeType, flowName }) => (
                <li key={nodeId}>{[nodeName ?? nodeType, flowName].filter(Boolean).join(' · ')}</li>
              ))}
            </ul>
            <Checkbox label={text.removeYes} checked={isSure} onChange={(event) => setSure(event.currentTarget.checked)} data-testid="remove-yes" />
          </>
        )}
        {error && <p role="alert">{sayError(error, language)}</p>}
        <div className="connections-actions">
          <Button color="red" disabled={isUsed && !isSure} onClick={remove} data-testid="remove-now">
            {text.remove}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
