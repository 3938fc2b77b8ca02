/** What happens from outside in a rehearsal: a list of steps that a person edits. */
import { ActionIcon, Button, Checkbox, Menu, NativeSelect, Textarea, TextInput } from '@mantine/core'
import {
  ChevronDown,
  ChevronUp,
  ClipboardList,
  FlaskConical,
  History,
  Hourglass,
  type LucideIcon,
  MessageSquare,
  MousePointerClick,
  Plus,
  SendHorizontal,
  Tag,
  Trash2,
  UserCheck,
} from 'lucide-react'
import { useState } from 'react'
import type { Recorded } from '../../../server/api/flow-tests.ts'
import { may, useMe } from '../../shared/me.ts'
import { wiresOf } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'
import { beginAt } from './propose.ts'
import { RecordedDialog } from './recorded-dialog.tsx'
import type { RehearsalStore } from './rehearsal-store.ts'
import { nodeName, portText, stepText } from './result-words.ts'
import { SourceBadge } from './source-badge.tsx'
import { type Ask, asksOf, emptyStep, nodesFor, readStep, STEP_KINDS, type StepDraft, type StepKind, startsWork, tagsOf } from './steps.ts'
import { useRehearsalText } from './text.ts'

const ICONS: Record<StepKind, LucideIcon> = {
  give: MessageSquare,
  send: SendHorizontal,
  press: MousePointerClick,
  answer: UserCheck,
  order: ClipboardList,
  tag: Tag,
  wait: Hourglass,
}

export function StepList({ store, flowId, isChecked }: { store: RehearsalStore; flowId: string; isChecked: boolean }) {
  const text = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const { steps } = store.caseOf(flowId)
  const set = (next: readonly StepDraft[]) => store.edit(flowId, { steps: next })
  const move = (index: number, by: number) => {
    const next = [...steps]
    const [step] = next.splice(index, 1)
    if (step) next.splice(index + by, 0, step)
    set(next)
  }
  const add = (kind: StepKind) => {
    const [node] = nodesFor(kind, workspace, flowId)
    set([...steps, (node && beginAt(node, workspace, store.knownOrder)) ?? emptyStep(kind)])
  }
  return (
    <section aria-labelledby="rehearsal-steps">
      <div className="rehearsal-head">
        <h3 id="rehearsal-steps">{text.steps.title}</h3>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => void store.proposeAnew(flowId)} data-testid="rehearsal-propose">
          {text.steps.propose}
        </Button>
      </div>
      <p className="form-help">{text.steps.help}</p>
      {steps.length === 0 && (
        <div className="rehearsal-teach">
          <strong>{text.steps.none}</strong>
          <span>{text.steps.noneText}</span>
        </div>
      )}
      <ol className="rehearsal-steps">
        {steps.map((step, index) => {
          const label = stepText(step, workspace, text)
          const Icon = ICONS[step.do]
          const read = isChecked ? readStep(step, workspace, text.wrong) : undefined
          return (
            <li key={step.key} aria-label={text.steps.nth(index + 1, label)} data-testid={`rehearsal-step-${index}`} data-do={step.do}>
              <div className="rehearsal-step-head">
                <Icon size={16} aria-hidden />
                <strong>{text.steps[step.do]}</strong>
                <ActionIcon variant="subtle" color="gray" disabled={index === 0} aria-label={text.steps.up(label)} onClick={() => move(index, -1)}>
                  <ChevronUp size={16} aria-hidden />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  disabled={index === steps.length - 1}
                  aria-label={text.steps.down(label)}
                  onClick={() => move(index, 1)}
                >
                  <ChevronDown size={16} aria-hidden />
                </ActionIcon>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.steps.remove(label)}
                  onClick={() => set(steps.filter(({ key }) => key !== step.key))}
                >
                  <Trash2 size={15} aria-hidden />
                </ActionIcon>
              </div>
              <StepForm
                step={step}
                flowId={flowId}
                store={store}
                onChange={(changes) => set(steps.map((each) => (each.key === step.key ? { ...each, ...changes } : each)))}
              />
              {read && 'wrong' in read && (
                <p className="form-error" role="alert">
                  {read.wrong}
                </p>
              )}
            </li>
          )
        })}
      </ol>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button size="compact-sm" variant="default" leftSection={<Plus size={15} aria-hidden />} data-testid="rehearsal-add">
            {text.steps.add}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {STEP_KINDS.map((kind) => {
            const Icon = ICONS[kind]
            return (
              <Menu.Item
                key={kind}
                leftSection={<Icon size={16} aria-hidden />}
                disabled={kind !== 'wait' && nodesFor(kind, workspace, flowId).length === 0}
                onClick={() => add(kind)}
                data-testid={`rehearsal-add-${kind}`}
              >
                {text.steps[kind]}
              </Menu.Item>
            )
          })}
        </Menu.Dropdown>
      </Menu>
    </section>
  )
}

interface FormProps {
  step: StepDraft
  flowId: string
  store: RehearsalStore
  onChange: (changes: Partial<StepDraft>) => void
}

function StepForm(props: FormProps) {
  switch (props.step.do) {
    case 'give':
    case 'send':
      return <GiveForm {...props} />
    case 'press':
    case 'answer':
      return <PressForm {...props} />
    case 'order':
      return <OrderForm {...props} />
    case 'tag':
      return <TagForm {...props} />
    case 'wait':
      return <WaitForm {...props} />
    default:
      return props.step.do satisfies never
  }
}

function NodeChoice({ step, flowId, label, onChange }: Omit<FormProps, 'store'> & { label: string }) {
  const workspace = useWorkspace('model', 'types')
  const fitting = nodesFor(step.do, workspace, flowId)
  // a step may be at a node of another flow, or at one that is gone
  const isOther = step.nodeId !== '' && !fitting.some(({ id }) => id === step.nodeId)
  return (
    <NativeSelect
      size="sm"
      label={label}
      value={step.nodeId}
      data={[
        ...(step.nodeId === '' ? [{ value: '', label: '—' }] : []),
        ...(isOther ? [{ value: step.nodeId, label: nodeName(workspace, step.nodeId) }] : []),
        ...fitting.map(({ id }) => ({ value: id, label: nodeName(workspace, id) })),
      ]}
      onChange={(event) => onChange({ nodeId: event.currentTarget.value, values: {}, output: 0, origin: undefined })}
    />
  )
}

function GiveForm(props: FormProps) {
  const text = useRehearsalText().steps
  const all = useRehearsalText()
  const workspace = useWorkspace('model', 'types')
  const { me } = useMe()
  const { step, store, onChange } = props
  const [isChoosing, setChoosing] = useState(false)
  const node = workspace.model.get(step.nodeId)
  const isSend = step.do === 'send'
  const outputs = node ? wiresOf(node).length : 0
  const sample = node?.type === 'cw-event-trigger' && !isSend ? store.sampleOf(String(node.connection ?? ''), 'event') : undefined
  /** What a node really sent begins where it left the node. */
  const take = ({ runId, seq, at, output, value }: Recorded) => {
    onChange({ do: 'send', output, message: JSON.stringify(value, null, 2), origin: { from: 'recorded', runId, seq, at } })
    setChoosing(false)
  }
  return (
    <>
      <NodeChoice {...props} label={isSend ? text.sender : text.to} />
      {isSend && outputs > 1 && (
        <NativeSelect
          size="sm"
          label={text.output}
          value={String(step.output)}
          data={Array.from({ length: outputs }, (_, port) => ({ value: String(port), label: portText(workspace, step.nodeId, port, all) }))}
          onChange={(event) => onChange({ output: Number(event.currentTarget.value) })}
        />
      )}
      <div className="rehearsal-buttons">
        {step.origin && <SourceBadge {...step.origin} />}
        {node && may(me, 'flows.messages') && wiresOf(node).length > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<History size={13} aria-hidden />}
            onClick={() => setChoosing(true)}
            data-testid="rehearsal-step-recorded"
          >
            {text.recorded}
          </Button>
        )}
        {sample && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<FlaskConical size={13} aria-hidden />}
            onClick={() => {
              const { subject, text: words, payload } = sample
              onChange({ message: JSON.stringify({ topic: subject, text: words, payload }, null, 2), origin: { from: 'sample' } })
            }}
            data-testid="rehearsal-step-sample"
          >
            {text.sample}
          </Button>
        )}
      </div>
      {isChoosing && <RecordedDialog nodeId={step.nodeId} onTake={take} onClose={() => setChoosing(false)} />}
      <Textarea
        size="sm"
        label={text.message}
        description={step.origin && step.message === '' ? all.answers.hidden : node && startsWork(node) && !isSend ? text.messageHelp : text.messageHelpInput}
        autosize
        minRows={1}
        maxRows={12}
        spellCheck={false}
        classNames={{ input: 'form-code' }}
        value={step.message}
        onChange={(event) => onChange({ message: event.currentTarget.value, origin: undefined })}
      />
    </>
  )
}

function PressForm(props: FormProps) {
  const text = useRehearsalText().steps
  const { model } = useWorkspace('model')
  const { step, onChange } = props
  const asks = asksOf(model.get(step.nodeId))
  const isAnswer = step.do === 'answer'
  return (
    <>
      <NodeChoice {...props} label={isAnswer ? text.question : text.button} />
      {isAnswer && (
        <NativeSelect
          size="sm"
          label={text.choice}
          value={step.choice}
          data={[
            { value: 'yes', label: String(model.get(step.nodeId)?.approve || text.choices.yes) },
            { value: 'no', label: String(model.get(step.nodeId)?.refuse || text.choices.no) },
          ]}
          onChange={(event) => onChange({ choice: event.currentTarget.value })}
        />
      )}
      {(!isAnswer || step.choice === 'yes') &&
        asks.map((ask) => (
          <EnteredValue
            key={ask.key}
            ask={ask}
            value={step.values[ask.key] ?? ''}
            onChange={(value) => onChange({ values: { ...step.values, [ask.key]: value } })}
          />
        ))}
      {isAnswer && (
        <TextInput
          size="sm"
          label={text.comment}
          maxLength={500}
          value={step.comment}
          onChange={(event) => onChange({ comment: event.currentTarget.value })}
          data-testid="rehearsal-comment"
        />
      )}
      <TextInput
        size="sm"
        label={text.by}
        description={text.byHint}
        maxLength={60}
        value={step.by}
        onChange={(event) => onChange({ by: event.currentTarget.value })}
        data-testid="rehearsal-by"
      />
    </>
  )
}

function EnteredValue({ ask: { key, label, kind, unit, choices = [] }, value, onChange }: { ask: Ask; value: string; onChange: (value: string) => void }) {
  const text = useRehearsalText().steps
  const common = { size: 'sm', label: unit ? `${label} (${unit})` : label, 'data-testid': `rehearsal-value-${key}` } as const
  if (kind === 'choice' || kind === 'yes-no')
    return (
      <NativeSelect
        {...common}
        value={value}
        data={
          kind === 'choice'
            ? ['', ...choices]
            : [
                { value: 'true', label: text.choices.yes },
                { value: '', label: text.choices.no },
              ]
        }
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    )
  return <TextInput {...common} inputMode={kind === 'number' ? 'decimal' : 'text'} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
}

function OrderForm({ step, flowId, store, onChange }: FormProps) {
  const text = useRehearsalText().steps
  const workspace = useWorkspace('model', 'types')
  const nodes = nodesFor('order', workspace, flowId)
  const field = (name: 'number' | 'part' | 'program', label: string) => (
    <TextInput
      size="sm"
      label={label}
      value={String(step.order[name] ?? '')}
      onChange={(event) => onChange({ order: { ...step.order, [name]: event.currentTarget.value }, origin: undefined })}
      data-testid={`rehearsal-order-${name}`}
    />
  )
  const sample = store.sampleOf(step.connectionId, 'workOrder')
  const connections = new Map(nodes.map((node) => [String(node.connectionId), nodeName(workspace, node.id)]))
  if (step.connectionId !== '' && !connections.has(step.connectionId)) connections.set(step.connectionId, step.connectionId)
  return (
    <>
      <NativeSelect
        size="sm"
        label={text.from}
        value={step.connectionId}
        data={[...(step.connectionId === '' ? [{ value: '', label: '—' }] : []), ...[...connections].map(([value, label]) => ({ value, label }))]}
        onChange={(event) => {
          const connectionId = event.currentTarget.value
          onChange({ connectionId, origin: undefined, ...(step.order.number ? {} : { order: { ...store.knownOrder(connectionId) } }) })
        }}
      />
      <div className="rehearsal-buttons">
        {step.origin && <SourceBadge {...step.origin} />}
        {sample && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<FlaskConical size={13} aria-hidden />}
            onClick={() => onChange({ order: { ...sample }, quantity: String(sample.quantity ?? 1), origin: { from: 'sample' } })}
            data-testid="rehearsal-order-sample"
          >
            {text.sample}
          </Button>
        )}
      </div>
      <div className="rehearsal-fields">
        {field('number', text.number)}
        {field('part', text.part)}
        <TextInput
          size="sm"
          label={text.quantity}
          inputMode="numeric"
          value={step.quantity}
          onChange={(event) => onChange({ quantity: event.currentTarget.value, origin: undefined })}
        />
        {field('program', text.program)}
      </div>
    </>
  )
}

const pairKey = ({ connectionId, tag }: { connectionId: string; tag: string }) => JSON.stringify([connectionId, tag])

function TagForm({ step, flowId, onChange }: FormProps) {
  const text = useRehearsalText().steps
  const workspace = useWorkspace('model', 'types')
  const pairs = new Map(nodesFor('tag', workspace, flowId).flatMap((node) => tagsOf(node).map((pair) => [pairKey(pair), pair] as const)))
  const own = pairKey(step)
  if (step.tag !== '' && !pairs.has(own)) pairs.set(own, { connectionId: step.connectionId, tag: step.tag })
  return (
    <>
      <NativeSelect
        size="sm"
        label={text.whichTag}
        value={step.tag === '' ? '' : own}
        data={[...(step.tag === '' ? [{ value: '', label: '—' }] : []), ...[...pairs].map(([value, { tag }]) => ({ value, label: tag }))]}
        onChange={(event) => {
          const pair = pairs.get(event.currentTarget.value)
          if (pair) onChange(pair)
        }}
        data-testid="rehearsal-tag"
      />
      <TextInput
        size="sm"
        label={text.value}
        description={text.valueHelp}
        value={step.value}
        maxLength={2000}
        disabled={!step.isKnown}
        onChange={(event) => onChange({ value: event.currentTarget.value })}
        data-testid="rehearsal-tag-value"
      />
      <Checkbox
        size="sm"
        label={text.notKnown}
        checked={!step.isKnown}
        onChange={(event) => onChange({ isKnown: !event.currentTarget.checked })}
        data-testid="rehearsal-tag-unknown"
      />
    </>
  )
}

function WaitForm({ step, onChange }: FormProps) {
  const text = useRehearsalText().steps
  return (
    <TextInput size="sm" label={text.seconds} inputMode="decimal" value={step.seconds} onChange={(event) => onChange({ seconds: event.currentTarget.value })} />
  )
}
