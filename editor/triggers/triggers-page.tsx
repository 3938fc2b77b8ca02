/** What starts the flows: every trigger with its next time and what came of the last ones, and one of them beside the list. */
import './triggers.css'
import { Button, SegmentedControl, Switch, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CalendarClock, Gauge, Hand, RadioTower, Search } from 'lucide-react'
import { useState } from 'react'
import { switchTrigger, type TriggerView } from '../../server/api/triggers.ts'
import { call } from '../shared/api.ts'
import { Frame } from '../shared/frame.tsx'
import { ListEmpty, ListPage } from '../shared/list-page/list-page.tsx'
import { may, useMe } from '../shared/me.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { useHash } from '../shared/use-hash.ts'
import { reasonOf } from '../shared/version-reason.tsx'
import { TriggerDetail } from './trigger-detail.tsx'
import { useTriggers } from './use-triggers.ts'
import { useTriggersText } from './use-triggers-text.ts'
import { matches, whenInWords } from './when.ts'

const ICONS = { time: CalendarClock, event: RadioTower, condition: Gauge, manual: Hand }
const KINDS = ['time', 'event', 'condition', 'manual'] as const
const SHOWN = 200

export function TriggersPage() {
  const text = useTriggersText()
  const format = formats(useLanguage())
  const { me } = useMe()
  const { list, error, isStale, refresh } = useTriggers()
  const [chosen, choose] = useHash()
  const [typed, setTyped] = useState('')
  const [kind, setKind] = useState<(typeof KINDS)[number]>()
  const [shown, setShown] = useState(SHOWN)
  const mayDeploy = may(me, 'flows.deploy')
  const inWords = (trigger: TriggerView) => whenInWords(trigger, text, (value) => format.number(value, Number.isInteger(value) ? 0 : 1))
  const found = (list ?? []).filter((trigger) => (kind === undefined || trigger.kind === kind) && matches(trigger, typed, inWords(trigger)))
  const one = list?.find(({ id }) => id === decodeURIComponent(chosen))

  const turn = (trigger: TriggerView, isOn: boolean, reason = '') =>
    call(switchTrigger, { params: { triggerId: trigger.id }, body: { isOn, ...reasonOf(reason) } }).then(refresh, (problem: Error) =>
      notifications.show({ color: 'red', message: problem.message }),
    )

  return (
    <Frame page="triggers">
      <ListPage
        title={text.title}
        label={text.list}
        widthPx={480}
        detailShare={5}
        count={list?.length}
        found={found.length}
        isStale={isStale}
        problem={error?.message}
        words={text}
        tools={
          list &&
          list.length > 0 && (
            <>
              <TextInput
                aria-label={text.search}
                placeholder={text.search}
                leftSection={<Search size={16} aria-hidden />}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
                data-testid="search-triggers"
              />
              <SegmentedControl
                aria-label={text.title}
                size="xs"
                value={kind ?? 'all'}
                onChange={(value) => setKind(KINDS.find((each) => each === value))}
                data={[{ value: 'all', label: text.all }, ...KINDS.map((each) => ({ value: each, label: text.kinds[each] }))]}
              />
            </>
          )
        }
        empty={
          <ListEmpty icon={CalendarClock} title={text.empty} text={text.emptyText} steps={text.emptySteps} testId="triggers-empty">
            {may(me, 'flows.view') && (
              <Button component="a" href="/">
                {text.toDesigner}
              </Button>
            )}
          </ListEmpty>
        }
        more={
          found.length > shown && (
            <Button variant="default" onClick={() => setShown(shown + SHOWN)}>
              {text.more(format.number(Math.min(SHOWN, found.length - shown)))}
            </Button>
          )
        }
        detail={
          one && (
            <TriggerDetail
              key={one.id}
              trigger={one}
              when={inWords(one)}
              me={me}
              onBack={() => choose('')}
              onTurn={(isOn, reason) => turn(one, isOn, reason)}
              onFired={refresh}
            />
          )
        }
      >
        {found.slice(0, shown).map((trigger) => (
          <TriggerLine
            key={trigger.id}
            trigger={trigger}
            when={inWords(trigger)}
            isChosen={trigger.id === one?.id}
            mayDeploy={mayDeploy}
            onChoose={() => choose(encodeURIComponent(trigger.id))}
            onTurn={(isOn) => turn(trigger, isOn)}
          />
        ))}
      </ListPage>
    </Frame>
  )
}

function TriggerLine({
  trigger,
  when,
  isChosen,
  mayDeploy,
  onChoose,
  onTurn,
}: {
  trigger: TriggerView
  when: string
  isChosen: boolean
  mayDeploy: boolean
  onChoose: () => void
  onTurn: (isOn: boolean) => void
}) {
  const text = useTriggersText()
  const format = formats(useLanguage())
  const Icon = ICONS[trigger.kind]
  const [next] = trigger.next
  const [last] = trigger.last
  return (
    <li data-testid={`trigger-${trigger.id}`} data-off={trigger.isOn ? undefined : true} data-chosen={isChosen || undefined}>
      <button type="button" aria-pressed={isChosen} onClick={onChoose}>
        <Icon size={18} aria-label={text.kinds[trigger.kind]} />
        <span className="list-line-name">
          <strong>{trigger.name}</strong>
          <span>{trigger.flowName}</span>
        </span>
        <span className="triggers-line-when list-line-more">{when || trigger.about}</span>
        <span className="triggers-line-next list-line-more cw-numbers">
          {next ? text.nextAt(format.dateTime(next)) : trigger.silence && trigger.silence !== 'never-fired' ? text.silenceShort[trigger.silence] : ''}
        </span>
        <span className="triggers-line-last list-line-more">
          {last ? (
            <span className="list-state" data-state={last.runState ?? last.state}>
              {last.runState ? text.runStates[last.runState] : text.states[last.state]}
            </span>
          ) : (
            text.silenceShort['never-fired']
          )}
        </span>
      </button>
      <Switch
        aria-label={text.switchOn(trigger.name)}
        title={mayDeploy ? undefined : text.mayNotSwitch}
        checked={trigger.isOn}
        disabled={!mayDeploy}
        onChange={(event) => onTurn(event.currentTarget.checked)}
        data-testid={`switch-${trigger.id}`}
      />
    </li>
  )
}
