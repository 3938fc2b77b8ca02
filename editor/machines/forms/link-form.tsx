/** How the controller is reached: a serial port out of the list, host and port, a WebSocket, or a virtual machine. */
import { Button, Collapse, Select, Switch, TextInput } from '@mantine/core'
import { Cable, ChevronDown, Globe, Network, RefreshCw, TriangleAlert, Usb } from 'lucide-react'
import { useState } from 'react'
import type { SerialPortInfo } from '../../../server/api/motion.ts'
import { NumberField } from '../../shared/number-field.tsx'
import { useMachinesText } from '../use-machines-text.ts'
import type { Draft, LinkDraft, LinkKind, Problem } from './draft.ts'
import { FormPart, useTell } from './fields.tsx'
import { useSerialPorts } from './use-serial-ports.ts'

const KINDS: readonly { kind: LinkKind; icon: typeof Usb }[] = [
  { kind: 'serial', icon: Usb },
  { kind: 'tcp', icon: Network },
  { kind: 'websocket', icon: Globe },
  { kind: 'virtual', icon: Cable },
]
const BAUD_RATES = ['9600', '19200', '38400', '57600', '115200', '230400', '250000', '460800', '921600', '1000000', '2000000']

export interface LinkFormProps {
  draft: Draft
  problems: readonly Problem[]
  onChange: (draft: Draft) => void
}

export function LinkForm({ draft, problems, onChange }: LinkFormProps) {
  const text = useMachinesText().link
  const tell = useTell(problems)
  const { link } = draft
  const set = (part: Partial<LinkDraft>) => onChange({ ...draft, link: { ...link, ...part } })
  return (
    <>
      <fieldset className="mf-kinds">
        <legend>{text.how}</legend>
        {KINDS.map(({ kind, icon: Icon }) => (
          <label key={kind} data-chosen={link.kind === kind || undefined} className={kind === 'virtual' ? 'cw-virtual' : undefined}>
            <input
              type="radio"
              name="link-kind"
              checked={link.kind === kind}
              onChange={() => onChange({ ...draft, link: { ...link, kind }, controller: kind === 'tcp' ? draft.controller : 'grbl' })}
              data-testid={`link-${kind}`}
            />
            <Icon size={22} aria-hidden />
            <strong>{text.kinds[kind]}</strong>
            <span>{text.kindMeanings[kind]}</span>
          </label>
        ))}
      </fieldset>
      {link.kind === 'serial' && <SerialPart link={link} set={set} tell={tell} machineId={draft.id} />}
      {link.kind === 'tcp' && (
        <FormPart title={text.kinds.tcp}>
          <div className="mf-row">
            <TextInput
              label={text.host}
              description={text.hostHint}
              value={link.tcp.host}
              onChange={(event) => set({ tcp: { ...link.tcp, host: event.currentTarget.value } })}
              error={tell('link.tcp.host')}
              spellCheck={false}
              data-testid="link-host"
            />
            <NumberField
              label={text.port}
              description={text.portHint}
              digits={0}
              min={1}
              max={65535}
              value={link.tcp.port}
              onChange={(port) => set({ tcp: { ...link.tcp, port } })}
              error={tell('link.tcp.port')}
              testId="link-port"
            />
          </div>
          <Select
            label={text.controller}
            value={draft.controller}
            onChange={(value) => onChange({ ...draft, controller: value === 'linuxcnc' ? 'linuxcnc' : 'grbl' })}
            data={[
              { value: 'grbl', label: text.controllers.grbl },
              { value: 'linuxcnc', label: text.controllers.linuxcnc },
            ]}
            allowDeselect={false}
          />
          {draft.controller === 'linuxcnc' && (
            <>
              <p className="mf-warning">
                <TriangleAlert size={18} aria-hidden /> {text.clearText}
              </p>
              <div className="mf-row">
                <TextInput
                  label={text.connectPassword}
                  type="password"
                  autoComplete="off"
                  value={draft.linuxcnc.connectPassword}
                  onChange={(event) => onChange({ ...draft, linuxcnc: { ...draft.linuxcnc, connectPassword: event.currentTarget.value } })}
                />
                <TextInput
                  label={text.enablePassword}
                  type="password"
                  autoComplete="off"
                  value={draft.linuxcnc.enablePassword}
                  onChange={(event) => onChange({ ...draft, linuxcnc: { ...draft.linuxcnc, enablePassword: event.currentTarget.value } })}
                />
              </div>
            </>
          )}
        </FormPart>
      )}
      {link.kind === 'websocket' && (
        <FormPart title={text.kinds.websocket}>
          <TextInput
            label={text.url}
            description={text.urlHint}
            value={link.websocket.url}
            onChange={(event) => set({ websocket: { url: event.currentTarget.value } })}
            error={tell('link.websocket.url')}
            spellCheck={false}
            data-testid="link-url"
          />
        </FormPart>
      )}
      {link.kind === 'virtual' && (
        <FormPart title={text.kinds.virtual} hint={text.virtualHint}>
          <NumberField
            label={text.timeScale}
            description={text.timeScaleHint}
            unit="×"
            digits={1}
            min={0.1}
            max={1000}
            value={link.virtual.timeScale}
            onChange={(timeScale) => set({ virtual: { timeScale } })}
            error={tell('link.virtual.timeScale')}
            testId="link-timescale"
          />
        </FormPart>
      )}
    </>
  )
}

interface SerialPartProps {
  link: LinkDraft
  set: (part: Partial<LinkDraft>) => void
  tell: (path: string) => string | undefined
  machineId: string
}

function SerialPart({ link, set, tell, machineId }: SerialPartProps) {
  const text = useMachinesText().link
  const { ports, error, isLooking, look } = useSerialPorts()
  const [isMore, setMore] = useState(false)
  const { serial } = link
  const change = (part: Partial<LinkDraft['serial']>) => set({ serial: { ...serial, ...part } })
  const choose = (port: SerialPortInfo) =>
    change({
      path: port.stablePath ?? port.path,
      adapter: adapterOf(port),
      resetsOnOpen: port.likelyResetsOnOpen ?? true,
    })
  const chosen = ports?.find((port) => isChosen(port, serial))
  return (
    <>
      <FormPart title={text.ports} hint={text.portsHint}>
        <div className="mf-ports" role="radiogroup" aria-label={text.ports} data-testid="ports">
          {ports?.map((port) => (
            <PortChoice key={port.path} port={port} machineId={machineId} isChosen={port === chosen} onChoose={() => choose(port)} />
          ))}
          {ports?.length === 0 && (
            <div className="mf-empty">
              <strong>{text.noPort}</strong>
              <p>{text.noPortHint}</p>
            </div>
          )}
          {ports === undefined && !error && <div className="m-skeleton" aria-hidden />}
          {error && <p className="mf-problem">{error}</p>}
        </div>
        <Button variant="default" leftSection={<RefreshCw size={16} aria-hidden />} loading={isLooking} onClick={look}>
          {text.lookAgain}
        </Button>
        <TextInput
          label={text.path}
          description={text.pathHint}
          value={serial.path}
          onChange={(event) => change({ path: event.currentTarget.value, adapter: undefined })}
          error={tell('link.serial.path')}
          spellCheck={false}
          data-testid="link-path"
        />
      </FormPart>
      <FormPart title={text.line}>
        <Select
          label={text.baudRate}
          description={text.baudRateHint}
          value={String(serial.baudRate)}
          onChange={(value) => change({ baudRate: Number(value ?? 115200) })}
          data={BAUD_RATES.includes(String(serial.baudRate)) ? BAUD_RATES : [...BAUD_RATES, String(serial.baudRate)]}
          allowDeselect={false}
          data-testid="link-baud"
        />
        <Switch
          label={text.resets}
          description={text.resetsHint}
          checked={serial.resetsOnOpen}
          onChange={(event) => change({ resetsOnOpen: event.currentTarget.checked })}
        />
        {(serial.adapter || (chosen && adapterOf(chosen))) && (
          <Switch
            label={text.bind}
            description={text.bindHint}
            checked={serial.adapter !== undefined}
            onChange={(event) => change({ adapter: event.currentTarget.checked && chosen ? adapterOf(chosen) : undefined })}
            disabled={!chosen && serial.adapter === undefined}
          />
        )}
        <button type="button" className="mf-more" aria-expanded={isMore} onClick={() => setMore(!isMore)}>
          <ChevronDown size={16} aria-hidden /> {text.more}
        </button>
        <Collapse expanded={isMore}>
          <div className="mf-row">
            <Select
              label={text.flowControl}
              value={serial.flowControl}
              onChange={(value) => change({ flowControl: (value ?? 'none') as LinkDraft['serial']['flowControl'] })}
              data={(['none', 'rts-cts', 'xon-xoff'] as const).map((value) => ({ value, label: text.flowControls[value] }))}
              allowDeselect={false}
            />
            {(['dtr', 'rts'] as const).map((name) => (
              <Select
                key={name}
                label={name.toUpperCase()}
                value={serial[name]}
                onChange={(value) => change({ [name]: (value ?? 'leave') as LinkDraft['serial']['dtr'] })}
                data={(['leave', 'on', 'off'] as const).map((value) => ({ value, label: text.modem[value] }))}
                allowDeselect={false}
              />
            ))}
          </div>
        </Collapse>
      </FormPart>
    </>
  )
}

interface PortChoiceProps {
  port: SerialPortInfo
  machineId: string
  isChosen: boolean
  onChoose: () => void
}

function PortChoice({ port, machineId, isChosen, onChoose }: PortChoiceProps) {
  const text = useMachinesText().link
  const isTaken = port.machineId !== undefined && port.machineId !== machineId
  return (
    <label className="mf-port" data-chosen={isChosen || undefined} data-taken={isTaken || undefined}>
      <input type="radio" name="port" checked={isChosen} disabled={isTaken} onChange={onChoose} />
      <Usb size={20} aria-hidden />
      <strong>{port.looksLike ?? port.manufacturer ?? text.unknownAdapter}</strong>
      <span className="mf-port-path">{port.path}</span>
      <span>{port.serialNumber ? text.serialNumber(port.serialNumber) : text.noSerialNumber}</span>
      {port.likelyResetsOnOpen && !isTaken && (
        <span className="mf-port-reset">
          <TriangleAlert size={16} aria-hidden /> {text.mayReset}
        </span>
      )}
      {isTaken && <span>{text.taken(port.machineId ?? '')}</span>}
    </label>
  )
}

const isChosen = (port: SerialPortInfo, serial: LinkDraft['serial']) => serial.path !== '' && (port.path === serial.path || port.stablePath === serial.path)

/** What a machine is bound to: two adapters of a kind without serial numbers are told apart by their place. */
function adapterOf({ vendorId, productId, serialNumber, pnpId }: SerialPortInfo): LinkDraft['serial']['adapter'] {
  const isId = (id: string | undefined): id is string => id !== undefined && /^[0-9a-fA-F]{4}$/.test(id)
  if (!isId(vendorId) || !isId(productId)) return undefined
  return { vendorId, productId, ...(serialNumber ? { serialNumber } : {}), ...(!serialNumber && pnpId ? { pnpId } : {}) }
}
