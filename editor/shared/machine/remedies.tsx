/** What a person can do to bring a machine on, only where it applies; each says what will move. */
import './machine.css'
import { notifications } from '@mantine/notifications'
import { Cable, House, Play, Unlock } from 'lucide-react'
import { connectMachine, homeMachine, type MachineView, resumeMachine, unlockMachine } from '../../../server/api/machines.ts'
import { call } from '../api.ts'
import { HoldToConfirm } from './hold-to-confirm.tsx'
import { stateKeyOf } from './machine-state.ts'
import { useMachineText } from './use-machine-text.ts'

export function Remedies({ machine }: { machine: MachineView }) {
  const text = useMachineText()
  const key = stateKeyOf(machine)
  const params = { machineId: machine.id }
  const told = (work: Promise<unknown>) =>
    work.catch((error: Error) => notifications.show({ color: 'red', title: machine.name, message: error.message, autoClose: 10_000 }))
  const remedies = []
  if (key === 'hold')
    remedies.push(
      <HoldToConfirm
        key="resume"
        testId="resume"
        icon={<Play size={22} />}
        label={text.resume}
        says={text.resumeMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(resumeMachine, { params }))}
      />,
    )
  if (key === 'alarm')
    remedies.push(
      <HoldToConfirm
        key="home"
        testId="home"
        icon={<House size={22} />}
        label={text.home}
        says={text.homeMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(homeMachine, { params }))}
      />,
      <HoldToConfirm
        key="unlock"
        testId="unlock"
        icon={<Unlock size={22} />}
        label={text.unlock}
        says={text.unlockMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(unlockMachine, { params }))}
      />,
    )
  if (key === 'waiting-for-person' || key === 'lost')
    remedies.push(
      <HoldToConfirm
        key="connect"
        testId="connect"
        icon={<Cable size={22} />}
        label={text.connect}
        says={text.connectMeaning}
        hint={text.holdToConfirm}
        onConfirm={() => told(call(connectMachine, { params }))}
      />,
    )
  return remedies.length ? <div className="cw-remedies">{remedies}</div> : null
}
