/** Rules: who is told what. Below them what went out. */
import './notifications.css'
import { Button, Switch } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { BellRing, Plus, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import {
  addNotificationRule,
  changeNotificationRule,
  listNotificationRules,
  type NotificationRule,
  type NotificationRules,
  type RuleSettings,
  removeNotificationRule,
} from '../../../server/api/notification-rules.ts'
import { eventName } from '../../../server/api/notification-words.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLanguage } from '../../shared/text/index.ts'
import { useLoad } from '../../shared/use-load.ts'
import { weekFrom } from '../../shared/week.ts'
import { NotRead } from '../not-read.tsx'
import { DeliveryLog } from './delivery-log.tsx'
import { RuleForm } from './rule-form.tsx'
import { problemWords, useNotificationsText, useRoleWords } from './words.ts'

const NOBODY: RuleSettings['to'] = { people: [], roles: [], addresses: [], webhooks: [], connections: [] }

export function NotificationsSection() {
  const { me } = useMe()
  const text = useNotificationsText()
  const revision = useLive('notifications', (_, change) => change).value?.revision
  const { value, error, refresh } = useLoad(revision === undefined ? undefined : 'rules', () => call(listNotificationRules), revision)
  if (!value) return <NotRead error={error} onAgain={refresh} words={text} />
  const mayChange = may(me, 'system.manage')
  return (
    <>
      <p className="settings-dim">{text.rules.intro}</p>
      {!value.ways.mail && value.ways.pushDevices === 0 && <NoWay />}
      <Rules found={value} mayChange={mayChange} onChanged={refresh} />
      <DeliveryLog revision={revision} mayChange={mayChange} />
    </>
  )
}

function NoWay() {
  const text = useNotificationsText().rules
  return (
    <section className="settings-card notify-hint" aria-labelledby="no-way">
      <TriangleAlert size={20} aria-hidden />
      <div>
        <h3 id="no-way">{text.noWayTitle}</h3>
        <p>{text.noWay}</p>
        <div className="settings-actions">
          <Button component="a" href="#mail" variant="default">
            {text.toMail}
          </Button>
          <Button component="a" href="#my-notifications" variant="default">
            {text.toMine}
          </Button>
        </div>
      </div>
    </section>
  )
}

function Rules({ found, mayChange, onChanged }: { found: NotificationRules; mayChange: boolean; onChanged: () => void }) {
  const all = useNotificationsText()
  const text = all.rules
  const language = useLanguage()
  const [editing, setEditing] = useState<{ id?: string; settings: RuleSettings }>()
  const begin = (more: Partial<RuleSettings> = {}) =>
    setEditing({
      settings: { name: text.newName, isOn: true, events: [], atLeast: 'info', machines: [], to: NOBODY, language, gatherS: 20, ...more },
    })
  const save = async (settings: RuleSettings) => {
    if (editing?.id === undefined) await call(addNotificationRule, { body: settings })
    else await call(changeNotificationRule, { params: { ruleId: editing.id }, body: settings })
    setEditing(undefined)
    notifications.show({ message: all.saved })
    onChanged()
  }
  const act = async (what: Promise<unknown>) => {
    try {
      await what
      onChanged()
    } catch (problem) {
      notifications.show({ color: 'red', message: problemWords(problem) })
    }
  }
  const remove = ({ id, settings }: NotificationRule) =>
    act(
      call(removeNotificationRule, { params: { ruleId: id } }).then(() => {
        const note = notifications.show({
          autoClose: 10_000,
          message: (
            <span className="notify-undo">
              {text.removed(settings.name)}
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  notifications.hide(note)
                  void act(call(addNotificationRule, { body: settings }))
                }}
              >
                {all.undo}
              </Button>
            </span>
          ),
        })
      }),
    )
  if (editing)
    return <RuleForm key={editing.id ?? 'new'} settings={editing.settings} choices={found.choices} onSave={save} onCancel={() => setEditing(undefined)} />
  return (
    <section className="settings-card" aria-labelledby="rules-title">
      <div className="settings-head">
        <h3 id="rules-title">{text.title}</h3>
        {mayChange && found.rules.length > 0 && (
          <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => begin()} data-testid="add-rule">
            {text.add}
          </Button>
        )}
      </div>
      {found.rules.length === 0 && (
        <div className="settings-empty">
          <BellRing size={28} aria-hidden />
          <h4>{text.emptyTitle}</h4>
          <p>{mayChange ? text.empty : all.mayNot}</p>
          {mayChange && (
            <div className="settings-actions notify-center">
              <Button
                variant="default"
                data-testid="suggest-alarms"
                onClick={() =>
                  begin({
                    name: text.suggestions.alarms,
                    events: ['machine.alarm', 'machine.link-lost'],
                    atLeast: 'alarm',
                    gatherS: 10,
                    to: { ...NOBODY, roles: ['engineer'] },
                  })
                }
              >
                {text.suggestions.alarms}
              </Button>
              <Button
                variant="default"
                onClick={() =>
                  begin({ name: text.suggestions.breaks, events: ['job.failed', 'job.interrupted', 'run.failed'], to: { ...NOBODY, roles: ['engineer'] } })
                }
              >
                {text.suggestions.breaks}
              </Button>
              <Button
                variant="default"
                onClick={() =>
                  begin({
                    name: text.suggestions.care,
                    events: ['disk.low', 'backup.failed', 'certificate.ends', 'process.unstable', 'process.safe-mode'],
                    to: { ...NOBODY, roles: ['admin'] },
                  })
                }
              >
                {text.suggestions.care}
              </Button>
              <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => begin()} data-testid="add-rule">
                {text.add}
              </Button>
            </div>
          )}
        </div>
      )}
      <ul className="settings-list">
        {found.rules.map((rule) => (
          <li key={rule.id} data-testid="rule">
            <RuleLine rule={rule} found={found} />
            <div className="settings-actions">
              <Switch
                checked={rule.settings.isOn}
                disabled={!mayChange}
                aria-label={text.switchOn(rule.settings.name)}
                onChange={({ currentTarget: { checked } }) =>
                  void act(call(changeNotificationRule, { params: { ruleId: rule.id }, body: { ...rule.settings, isOn: checked } }))
                }
              />
              {mayChange && (
                <>
                  <Button
                    variant="default"
                    onClick={() => setEditing({ id: rule.id, settings: rule.settings })}
                    aria-label={`${text.edit}: ${rule.settings.name}`}
                  >
                    {text.edit}
                  </Button>
                  <Button variant="subtle" color="gray" onClick={() => void remove(rule)} aria-label={`${text.remove}: ${rule.settings.name}`}>
                    {text.remove}
                  </Button>
                </>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** A rule in words: what, when, who, and whom it cannot reach. */
function RuleLine({ rule: { settings }, found: { choices, ways } }: { rule: NotificationRule; found: NotificationRules }) {
  const all = useNotificationsText()
  const text = all.rules
  const language = useLanguage()
  const roleWords = useRoleWords()
  const named = (list: readonly { id: string; name: string }[], ids: readonly string[]) => ids.map((id) => list.find((one) => one.id === id)?.name ?? id)
  const { to, hours, unacknowledgedS } = settings
  const people = choices.people.filter(({ id, role }) => to.people.includes(id) || to.roles.includes(role))
  const emptyRoles = choices.roles.filter(({ id }) => to.roles.includes(id) && !choices.people.some(({ role }) => role === id)).map(roleWords)
  const isReached = ({ hasMail, hasPush }: (typeof people)[number]) => (hasMail && ways.mail) || hasPush
  const reached = [
    ...people.filter(isReached).map(({ name }) => name),
    ...(ways.mail ? to.addresses : []),
    ...named(choices.webhooks, to.webhooks),
    ...named(choices.connections, to.connections),
  ]
  const missed = [...people.filter((one) => !isReached(one)).map(({ name }) => name), ...(ways.mail ? [] : to.addresses)]
  const events =
    settings.events.length === 0
      ? all.everything
      : settings.events.length <= 3
        ? settings.events.map((type) => eventName(type, language)).join(', ')
        : all.kinds(settings.events.length)
  return (
    <div>
      <strong>{settings.name}</strong>
      <div className="settings-dim">
        {[
          events,
          ...(settings.machines.length ? [named(choices.machines, settings.machines).join(', ')] : []),
          ...(hours
            ? [
                text.hours(
                  weekFrom([1, 2, 3, 4, 5, 6, 7])
                    .filter((day) => hours.days.includes(day))
                    .map((day) => text.dayNames[day - 1])
                    .join(' '),
                  hours.from,
                  hours.to,
                ),
              ]
            : []),
          ...(unacknowledgedS === undefined ? [] : [text.unacknowledgedFor(Math.round(unacknowledgedS / 60))]),
        ].join(' · ')}
      </div>
      <div className="settings-dim">{text.reaches(reached.length ? reached.join(', ') : text.nobody)}</div>
      {missed.length > 0 && (
        <div className="settings-warn">
          <TriangleAlert size={14} aria-hidden /> <span>{text.reachesNot(missed.join(', '))}</span>
        </div>
      )}
      {emptyRoles.length > 0 && <div className="settings-dim">{text.emptyRoles(emptyRoles.join(', '))}</div>}
    </div>
  )
}
