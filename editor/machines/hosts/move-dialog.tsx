/** A person binds a machine to another host. */
import { Button, Checkbox, Modal, Select } from '@mantine/core'
import { useState } from 'react'
import { type HostView, moveMachineToHost } from '../../../server/api/hosts.ts'
import type { MachineView } from '../../../server/api/machines.ts'
import { call } from '../../shared/api.ts'
import { useHostsText } from '../../shared/machine/host-note.tsx'
import { useCommonText } from '../../shared/theme.tsx'

export interface MoveDialogProps {
  machines: readonly MachineView[]
  hosts: readonly HostView[]
  onClose: () => void
  onMoved: (machine: string, host: string) => void
}

export function MoveDialog({ machines, hosts, onClose, onMoved }: MoveDialogProps) {
  const text = useHostsText()
  const common = useCommonText()
  const [machineId, setMachineId] = useState<string | null>(machines.length === 1 ? (machines[0]?.id ?? null) : null)
  const [to, setTo] = useState<string | null>(null)
  const [hasLooked, setHasLooked] = useState(false)
  const [trouble, setTrouble] = useState('')
  const [isSending, setIsSending] = useState(false)
  const from = hosts.find(({ machines: wired }) => wired.some(({ id }) => id === machineId))
  const isFromGone = from !== undefined && from.state !== 'living'
  const targets = hosts.filter(({ name, state }) => state === 'living' && name !== from?.name)
  const move = async () => {
    if (machineId === null || to === null) return
    setIsSending(true)
    setTrouble('')
    try {
      const { name } = await call(moveMachineToHost, { params: { machineId }, body: { host: to, hasLooked: isFromGone && hasLooked } })
      onMoved(name, to)
    } catch (error) {
      setTrouble((error as Error).message)
      setIsSending(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={text.moveTitle} closeButtonProps={{ 'aria-label': common.close }} data-testid="move-dialog">
      <div className="m-move">
        <p>{text.moveMeaning}</p>
        <Select
          data-testid="move-what"
          label={text.machine}
          data={machines.map(({ id, name }) => ({ value: id, label: name }))}
          value={machineId}
          onChange={(value) => {
            setMachineId(value)
            setHasLooked(false)
          }}
          data-autofocus
        />
        <Select data-testid="move-to" label={text.to} data={targets.map(({ name }) => name)} value={to} onChange={setTo} />
        {isFromGone && (
          <>
            <p className="m-host-warning">{text.silentMeaning(from.name)}</p>
            <Checkbox label={text.hasLooked} checked={hasLooked} onChange={(event) => setHasLooked(event.currentTarget.checked)} />
          </>
        )}
        {trouble !== '' && (
          <p className="m-host-warning" role="alert">
            {trouble}
          </p>
        )}
        <div className="m-move-foot">
          <Button variant="default" onClick={onClose}>
            {text.cancel}
          </Button>
          <Button
            onClick={() => void move()}
            loading={isSending}
            disabled={machineId === null || to === null || (isFromGone && !hasLooked)}
            data-testid="do-move"
          >
            {text.doMove}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
