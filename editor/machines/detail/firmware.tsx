/** The controller's own settings: read, compared with their backup, and written after a second look. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { Download, RefreshCw, Save, Search, Undo2 } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { backupFirmwareSettings, type FirmwareSetting, getFirmwareSettings, writeFirmwareSettings } from '../../../server/api/motion.ts'
import { call } from '../../shared/api.ts'
import { HoldToConfirm } from '../../shared/machine/hold-to-confirm.tsx'
import { stateKeyOf } from '../../shared/machine/machine-state.ts'
import { useMachineText } from '../../shared/machine/use-machine-text.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import { searchSettings } from './search-settings.ts'

type Show = 'all' | 'drifted' | 'edited'

export function Firmware({ machine, isStale, mayConfigure }: { machine: MachineView; isStale: boolean; mayConfigure: boolean }) {
  const text = useMachinesText().firmware
  const words = useMachineText()
  const [settings, setSettings] = useState<FirmwareSetting[]>()
  const [problem, setProblem] = useState<string>()
  const [told, setTold] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const [wanted, setWanted] = useState('')
  const [show, setShow] = useState<Show>('all')
  const [edits, setEdits] = useState<ReadonlyMap<number, string>>(new Map())
  const [isAsking, setAsking] = useState(false)
  const params = { machineId: machine.id }
  const { id } = machine
  const read = useCallback(
    () =>
      call(getFirmwareSettings, { params: { machineId: id } }).then(
        (found) => {
          setSettings(found)
          setProblem(undefined)
        },
        (error: Error) => setProblem(error.message),
      ),
    [id],
  )
  useEffect(() => void read(), [read])
  const busy = async (work: () => Promise<unknown>) => {
    setBusy(true)
    setTold(undefined)
    setProblem(undefined)
    await work().catch((error: Error) => setProblem(error.message))
    setBusy(false)
  }
  const changes = (settings ?? []).flatMap((setting) => {
    const value = edits.get(setting.number)
    return value !== undefined && value.trim() !== '' && value.trim() !== setting.value ? [{ setting, value: value.trim() }] : []
  })
  const drifted = (settings ?? []).filter((setting) => setting.isDrifted)
  const hasBackup = settings?.some((setting) => setting.backup !== undefined) ?? false
  const isIdle = stateKeyOf(machine) === 'idle' && !isStale
  const listed = searchSettings(settings ?? [], wanted).filter(
    (setting) => show === 'all' || (show === 'drifted' ? setting.isDrifted : changes.some((change) => change.setting.number === setting.number)),
  )
  const set = (number: number, value: string) => setEdits((was) => new Map(was).set(number, value))
  const download = () => {
    const url = URL.createObjectURL(new Blob([(settings ?? []).map((setting) => `$${setting.number}=${setting.value}\n`).join('')], { type: 'text/plain' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `${machine.id}-settings.txt`
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), 1_000)
  }
  return (
    <div className="m-firmware">
      <header className="m-firmware-head">
        <TextInput
          aria-label={text.search}
          placeholder={text.search}
          leftSection={<Search size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          data-testid="search-settings"
        />
        <SegmentedControl
          aria-label={text.show}
          size="xs"
          value={show}
          onChange={(value) => setShow(value as Show)}
          data={[
            { value: 'all', label: text.all(String(settings?.length ?? 0)) },
            { value: 'drifted', label: text.drifted(String(drifted.length)) },
            { value: 'edited', label: text.edited(String(changes.length)) },
          ]}
        />
        <Button variant="default" leftSection={<RefreshCw size={16} aria-hidden />} loading={isBusy} onClick={() => busy(read)}>
          {text.readAgain}
        </Button>
        <Button variant="default" leftSection={<Download size={16} aria-hidden />} disabled={!settings?.length} onClick={download}>
          {text.download}
        </Button>
        {mayConfigure && (
          <Button
            variant="default"
            leftSection={<Save size={16} aria-hidden />}
            disabled={isBusy || !settings?.length}
            onClick={() =>
              busy(async () => {
                await call(backupFirmwareSettings, { params })
                await read()
                setTold(text.backedUp)
              })
            }
            data-testid="backup-settings"
          >
            {hasBackup ? text.backUpAgain : text.backUp}
          </Button>
        )}
      </header>
      {problem && (
        <p className="mf-problem" role="alert">
          {problem}
        </p>
      )}
      {told && (
        <p className="mf-hint" role="status">
          {told}
        </p>
      )}
      {settings && !hasBackup && settings.length > 0 && <p className="mf-hint">{text.noBackup}</p>}
      {drifted.length > 0 && mayConfigure && (
        <p className="cw-notice">
          {words.drift(String(drifted.length))}{' '}
          <button
            type="button"
            className="m-link"
            onClick={() => {
              setEdits((was) => new Map([...was, ...drifted.map((setting): [number, string] => [setting.number, setting.backup ?? setting.value])]))
              setShow('edited')
            }}
            data-testid="take-backup"
          >
            {text.takeBackup}
          </button>
        </p>
      )}
      {settings === undefined && !problem && <div className="m-skeleton" aria-hidden />}
      {settings && (
        <div className="m-table-box m-scroll">
          <table className="m-table cw-numbers" data-testid="firmware-table">
            <thead>
              <tr>
                <th scope="col">{text.number}</th>
                <th scope="col">{text.meaning}</th>
                <th scope="col">{text.value}</th>
                <th scope="col">{text.unit}</th>
                {hasBackup && <th scope="col">{text.backup}</th>}
              </tr>
            </thead>
            <tbody>
              {listed.map((setting) => {
                const value = edits.get(setting.number)
                const isEdited = changes.some((change) => change.setting.number === setting.number)
                return (
                  <tr key={setting.number} data-drifted={setting.isDrifted || undefined} data-edited={isEdited || undefined}>
                    <td>${setting.number}</td>
                    <td>{setting.name ?? text.unnamed}</td>
                    <td className="m-value">
                      <input
                        aria-label={`$${setting.number} ${setting.name ?? ''}`}
                        value={value ?? setting.value}
                        readOnly={!mayConfigure}
                        onChange={(event) => set(setting.number, event.currentTarget.value)}
                        onKeyDown={(event) => event.key === 'Escape' && set(setting.number, setting.value)}
                        maxLength={100}
                        spellCheck={false}
                        data-testid={`setting-${setting.number}`}
                      />
                    </td>
                    <td>{setting.unit ?? ''}</td>
                    {hasBackup && (
                      <td>
                        {setting.backup ?? ''}
                        {setting.isDrifted && <strong className="m-drift"> {text.differs}</strong>}
                      </td>
                    )}
                  </tr>
                )
              })}
            </tbody>
          </table>
          {listed.length === 0 && <p className="mf-hint">{settings.length ? text.noMatch : text.none}</p>}
        </div>
      )}
      {changes.length > 0 && (
        <footer className="m-save" data-changed>
          <p>{isIdle ? text.toWrite(String(changes.length)) : text.notIdle(words.state[stateKeyOf(machine)])}</p>
          <Button variant="default" leftSection={<Undo2 size={16} aria-hidden />} onClick={() => setEdits(new Map())}>
            {text.undo}
          </Button>
          <Button disabled={!isIdle || isBusy} onClick={() => setAsking(true)} data-testid="write-settings">
            {text.write}
          </Button>
        </footer>
      )}
      {isAsking && (
        <WorkDialog title={text.writeTitle(machine.name)} onClose={() => setAsking(false)}>
          <p>{text.writeWhat}</p>
          <ul className="m-changes cw-numbers">
            {changes.map(({ setting, value }) => (
              <li key={setting.number}>
                <strong>${setting.number}</strong> {setting.name ?? text.unnamed}: {setting.value} → <strong>{value}</strong> {setting.unit ?? ''}
              </li>
            ))}
          </ul>
          <HoldToConfirm
            testId="write-settings-confirm"
            label={text.writeNow(String(changes.length))}
            says={text.writeSays}
            hint={words.holdToConfirm}
            onConfirm={() => {
              setAsking(false)
              void busy(async () => {
                setSettings(
                  await call(writeFirmwareSettings, { params, body: { settings: changes.map(({ setting, value }) => ({ number: setting.number, value })) } }),
                )
                setEdits(new Map())
                setShow('all')
                setTold(text.written)
              })
            }}
          />
        </WorkDialog>
      )}
    </div>
  )
}
