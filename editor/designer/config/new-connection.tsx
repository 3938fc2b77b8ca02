/** Makes a connection without leaving the form of the node that is to use it. */
import { Button, Modal } from '@mantine/core'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import type { ConnectorInfo } from '../../../server/api/connections.ts'
import { ConnectionForm } from '../../shared/connections/connection-form.tsx'
import { KindChoice } from '../../shared/connections/kind-choice.tsx'
import { useConnectionsText } from '../../shared/connections/words.ts'
import { may, useMe } from '../../shared/me.ts'
import { askAgain } from './lists.ts'
import { useEditedNode } from './sample/use-sample.ts'

/** What nodes of a type get from a connection. */
const WANTS: Readonly<Record<string, keyof ConnectorInfo['samples']>> = {
  'cw-event-trigger': 'event',
  'cw-work-orders': 'workOrder',
  'cw-confirm': 'confirmation',
}

/** @param props.connectors which suit @defaultValue those that give what the edited node wants */
export function NewConnection({ connectors, onMade }: { connectors?: readonly string[] | undefined; onMade: (connectionId: string) => void }) {
  const text = useConnectionsText()
  const { me } = useMe()
  const { node } = useEditedNode()
  const [isOpen, setOpen] = useState(false)
  const [kind, setKind] = useState<ConnectorInfo>()
  const wants = node ? WANTS[node.type] : undefined
  if (!may(me, 'connections.manage')) return null
  const close = () => {
    setOpen(false)
    setKind(undefined)
  }
  return (
    <>
      <Button variant="subtle" size="compact-sm" leftSection={<Plus size={14} aria-hidden />} onClick={() => setOpen(true)} data-testid="new-connection">
        {text.pickNew}
      </Button>
      {/* what is pressed in it is not for the form around, which Ctrl+Enter and Escape would end */}
      <Modal opened={isOpen} onClose={close} title={kind ? text.newOf(kind.label) : text.kindTitle} size="lg" onKeyDown={(event) => event.stopPropagation()}>
        {kind ? (
          <ConnectionForm
            connector={kind}
            onSaved={({ id }) => {
              askAgain('connection')
              onMade(id)
              close()
            }}
            onCancel={close}
          />
        ) : (
          <KindChoice
            only={({ id, samples }) => (connectors?.length ? connectors.includes(id) : wants === undefined || samples[wants] !== undefined)}
            onChoose={setKind}
          />
        )}
      </Modal>
    </>
  )
}
