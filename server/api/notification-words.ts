/**
 * What each kind of event is called, and how one is told, in both languages: mails, browser push and pages say it alike. What a person
 * or a controller wrote stays as it was written. Browser-safe.
 */
import type { Language } from './notification-rules.ts'
import { EVENTS, type EventData, type EventGroup, type EventType, type NotificationEvent, type Severity } from './notifications.ts'

type Words = {
  [T in EventType]: {
    /** In lists. */
    name: string
    /** One line. */
    title(data: EventData<T>): string
    /** More, where there is some. */
    text?(data: EventData<T>): string | undefined
  }
}

const bytes = (count: number): string => (count >= 1e9 ? `${(count / 1e9).toFixed(1)} GB` : `${Math.round(count / 1e6)} MB`)
const on = (word: string, machine: string | undefined): string => (machine === undefined ? '' : ` ${word} ${machine}`)
const first = (...words: (string | undefined)[]): string | undefined => words.filter((word) => word).join(' ') || undefined

const SPACES_EN: Readonly<Record<string, string>> = { database: 'The database', journals: 'Journals of machines', logs: 'Logs' }
const SPACES_DE: Readonly<Record<string, string>> = { database: 'Die Datenbank', journals: 'Journale der Maschinen', logs: 'Logs' }
const DISK_EN = {
  low: 'Make room before nothing can be stored any more.',
  critical: 'No program begins until there is room.',
  full: 'What must be stored is refused until there is room.',
} as const
const DISK_DE = {
  low: 'Platz schaffen, bevor nichts mehr gespeichert werden kann.',
  critical: 'Bis Platz ist, beginnt kein Programm.',
  full: 'Was gespeichert werden muss, wird abgelehnt, bis Platz ist.',
} as const

const en: Words = {
  'machine.alarm': { name: 'Alarm of a machine', title: ({ machine, text }) => `${machine}: ${text}`, text: ({ whatToDo }) => whatToDo },
  'machine.alarm-over': { name: 'Alarm is over', title: ({ machine }) => `${machine}: the alarm is over` },
  'machine.link-lost': {
    name: 'Machine not seen any more',
    title: ({ machine, what }) => (what === 'guard' ? `${machine} is not watched` : `${machine}: no link to the controller`),
    text: ({ what }) =>
      what === 'guard'
        ? 'Its motion guard is not running. It is being restarted; watch the machine meanwhile.'
        : 'It may still run what it had received. Watch the machine; look at cable and power.',
  },
  'machine.link-back': { name: 'Machine seen again', title: ({ machine }) => `${machine} is seen again` },
  'machine.waits': { name: 'Machine waits for a person', title: ({ machine }) => `${machine} waits for you`, text: ({ text }) => text },
  'message.shown': { name: 'Message of a flow', title: ({ title, machine }) => (machine ? `${machine}: ${title}` : title), text: ({ text }) => text },
  'job.ended': { name: 'Program ended', title: ({ name, machine }) => `${name} is done${on('on', machine)}` },
  'job.failed': { name: 'Job failed', title: ({ name, machine }) => `${name} failed${on('on', machine)}`, text: ({ reason }) => reason },
  'job.interrupted': { name: 'Job broken off', title: ({ name, machine }) => `${name} was broken off${on('on', machine)}`, text: ({ reason }) => reason },
  'job.stopped': { name: 'Program stopped by a person', title: ({ name, machine }) => `${name} was stopped${on('on', machine)}`, text: ({ reason }) => reason },
  'run.failed': {
    name: 'Run failed',
    title: ({ flow, state }) => `A run${flow ? ` of "${flow}"` : ''} ${state === 'failed' ? 'failed' : 'was interrupted'}`,
    text: ({ summary }) => summary,
  },
  'flow.asks': { name: 'Flow asks a person', title: ({ node }) => `${node ? `"${node}"` : 'A flow'} waits for an answer`, text: ({ text }) => text },
  'trigger.missed': {
    name: 'Trigger missed',
    title: ({ trigger, missed }) => `"${trigger}" did not fire${missed > 1 ? ` ${missed} times` : ''}`,
    text: () => 'Nothing could begin when it was due. Look at it on the page of triggers.',
  },
  'deploy.done': { name: 'Flows deployed', title: ({ number, by }) => `Flows deployed by ${by}: version ${number}`, text: ({ comment }) => comment },
  'deploy.failed': { name: 'Deploy failed', title: ({ number, by }) => `A deploy by ${by} failed: version ${number}`, text: ({ comment }) => comment },
  'quality.signal': { name: 'Signal of a control chart', title: ({ characteristic, value }) => `${characteristic}: ${value}`, text: ({ text }) => text },
  'quality.nonconformance': { name: 'Nonconformance opened', title: ({ number, openedBy }) => `Nonconformance ${number} opened by ${openedBy}` },
  'gauge.due': {
    name: 'Gauge to be calibrated',
    title: ({ gauge, state, dueOn = '' }) =>
      state === 'failed'
        ? `Gauge "${gauge}" did not pass its calibration`
        : `Gauge "${gauge}": calibration ${state === 'overdue' ? 'overdue since' : 'due'} ${dueOn}`.trim(),
    text: ({ state }) => (state === 'due-soon' ? 'Send it to be calibrated in time.' : 'Do not measure with it until it is calibrated.'),
  },
  'connection.lost': { name: 'Connection broken', title: ({ connection }) => `${connection} does not answer`, text: ({ reason }) => reason },
  'connection.back': { name: 'Connection works again', title: ({ connection }) => `${connection} works again` },
  'disk.low': {
    name: 'Disk nearly full',
    title: ({ state, freeBytes }) => (state === 'full' ? `The disk is full (${bytes(freeBytes)} free)` : `The disk is nearly full (${bytes(freeBytes)} free)`),
    text: ({ path, state }) => `${DISK_EN[state]} (${path})`,
  },
  'disk.ok': { name: 'Disk has room again', title: ({ freeBytes }) => `The disk has room again (${bytes(freeBytes)} free)` },
  'space.over': {
    name: 'Budget of the disk exceeded',
    title: ({ kind, bytes: now, limitBytes }) => `${SPACES_EN[kind] ?? kind}: ${bytes(now)}, with a limit of ${bytes(limitBytes)}`,
    text: () => 'All that may be deleted has been. Raise the limit on the page Health, or make more room.',
  },
  'backup.failed': { name: 'Back-up failed', title: ({ target }) => `The back-up to ${target} failed`, text: ({ reason }) => reason },
  'certificate.ends': {
    name: 'Certificate ends',
    title: ({ endsAt, trouble }) => (trouble ? 'A newer certificate could not be read' : `The certificate of this server ends on ${endsAt.slice(0, 10)}`),
    text: ({ trouble, names }) => first(trouble, names.length ? `(${names.join(', ')})` : undefined),
  },
  'process.unstable': {
    name: 'Process ends again and again',
    title: ({ process }) => `The process "${process}" ends again and again`,
    text: ({ restarts }) => `It was restarted ${restarts} times. Look at the page of health and at the log.`,
  },
  'process.safe-mode': {
    name: 'Safe mode',
    title: () => 'The flows do not run: safe mode',
    text: () => 'The flow runtime ended again and again. Open the designer, mend what was deployed last, and deploy.',
  },
  'sign-in.new-device': { name: 'Sign-in from a new address', title: ({ person, address }) => `${person} signed in from a new address: ${address}` },
  test: { name: 'Test', title: ({ by }) => `Test message, sent by ${by}`, text: () => 'Notifications arrive here.' },
}

const de: Words = {
  'machine.alarm': { name: 'Alarm einer Maschine', title: ({ machine, text }) => `${machine}: Alarm – ${text}`, text: ({ whatToDo }) => whatToDo },
  'machine.alarm-over': { name: 'Alarm vorbei', title: ({ machine }) => `${machine}: Der Alarm ist vorbei` },
  'machine.link-lost': {
    name: 'Maschine nicht mehr zu sehen',
    title: ({ machine, what }) => (what === 'guard' ? `${machine} wird nicht überwacht` : `${machine}: keine Verbindung zur Steuerung`),
    text: ({ what }) =>
      what === 'guard'
        ? 'Ihr Wächter läuft nicht. Er wird neu gestartet; so lange die Maschine im Auge behalten.'
        : 'Sie kann noch abarbeiten, was sie bekommen hat. Maschine im Auge behalten; nach Kabel und Strom sehen.',
  },
  'machine.link-back': { name: 'Maschine wieder zu sehen', title: ({ machine }) => `${machine} ist wieder zu sehen` },
  'machine.waits': { name: 'Maschine wartet auf jemanden', title: ({ machine }) => `${machine} wartet auf Sie`, text: ({ text }) => text },
  'message.shown': { name: 'Meldung eines Flows', title: ({ title, machine }) => (machine ? `${machine}: ${title}` : title), text: ({ text }) => text },
  'job.ended': { name: 'Programm fertig', title: ({ name, machine }) => `${name} ist fertig${on('auf', machine)}` },
  'job.failed': {
    name: 'Auftrag fehlgeschlagen',
    title: ({ name, machine }) => `${name} ist fehlgeschlagen${on('auf', machine)}`,
    text: ({ reason }) => reason,
  },
  'job.interrupted': {
    name: 'Auftrag abgebrochen',
    title: ({ name, machine }) => `${name} wurde abgebrochen${on('auf', machine)}`,
    text: ({ reason }) => reason,
  },
  'job.stopped': {
    name: 'Programm von jemandem angehalten',
    title: ({ name, machine }) => `${name} wurde beendet${on('auf', machine)}`,
    text: ({ reason }) => reason,
  },
  'run.failed': {
    name: 'Lauf fehlgeschlagen',
    title: ({ flow, state }) => `Ein Lauf${flow ? ` von „${flow}“` : ''} ${state === 'failed' ? 'ist fehlgeschlagen' : 'wurde unterbrochen'}`,
    text: ({ summary }) => summary,
  },
  'flow.asks': { name: 'Flow fragt jemanden', title: ({ node }) => `${node ? `„${node}“` : 'Ein Flow'} wartet auf eine Antwort`, text: ({ text }) => text },
  'trigger.missed': {
    name: 'Auslöser verpasst',
    title: ({ trigger, missed }) => `„${trigger}“ hat nicht ausgelöst${missed > 1 ? ` (${missed}-mal)` : ''}`,
    text: () => 'Als er fällig war, konnte nichts beginnen. Auf der Seite der Auslöser nachsehen.',
  },
  'deploy.done': { name: 'Flows ausgerollt', title: ({ number, by }) => `Flows ausgerollt von ${by}: Version ${number}`, text: ({ comment }) => comment },
  'deploy.failed': {
    name: 'Ausrollen fehlgeschlagen',
    title: ({ number, by }) => `Ausrollen von ${by} fehlgeschlagen: Version ${number}`,
    text: ({ comment }) => comment,
  },
  'quality.signal': {
    name: 'Signal einer Regelkarte',
    title: ({ characteristic, value }) => `${characteristic}: ${String(value).replace('.', ',')}`,
    text: ({ text }) => text,
  },
  'quality.nonconformance': { name: 'Abweichungsbericht eröffnet', title: ({ number, openedBy }) => `Abweichung ${number}, eröffnet von ${openedBy}` },
  'gauge.due': {
    name: 'Messmittel zu kalibrieren',
    title: ({ gauge, state, dueOn = '' }) =>
      state === 'failed'
        ? `Messmittel „${gauge}“ hat die Kalibrierung nicht bestanden`
        : `Messmittel „${gauge}“: Kalibrierung ${state === 'overdue' ? 'überfällig seit' : 'fällig am'} ${dueOn.split('-').reverse().join('.')}`.trim(),
    text: ({ state }) => (state === 'due-soon' ? 'Rechtzeitig zum Kalibrieren geben.' : 'Nicht damit messen, bis es kalibriert ist.'),
  },
  'connection.lost': { name: 'Verbindung gestört', title: ({ connection }) => `${connection} antwortet nicht`, text: ({ reason }) => reason },
  'connection.back': { name: 'Verbindung geht wieder', title: ({ connection }) => `${connection} geht wieder` },
  'disk.low': {
    name: 'Platte fast voll',
    title: ({ state, freeBytes }) =>
      state === 'full' ? `Die Platte ist voll (noch ${bytes(freeBytes)})` : `Die Platte ist fast voll (noch ${bytes(freeBytes)})`,
    text: ({ path, state }) => `${DISK_DE[state]} (${path})`,
  },
  'disk.ok': { name: 'Platte hat wieder Platz', title: ({ freeBytes }) => `Die Platte hat wieder Platz (${bytes(freeBytes)} frei)` },
  'space.over': {
    name: 'Platz-Budget überschritten',
    title: ({ kind, bytes: now, limitBytes }) => `${SPACES_DE[kind] ?? kind}: ${bytes(now)}, erlaubt sind ${bytes(limitBytes)}`,
    text: () => 'Alles, was gelöscht werden darf, ist gelöscht. Grenze auf der Seite „Zustand“ erhöhen oder Platz schaffen.',
  },
  'backup.failed': { name: 'Sicherung fehlgeschlagen', title: ({ target }) => `Die Sicherung nach ${target} ist fehlgeschlagen`, text: ({ reason }) => reason },
  'certificate.ends': {
    name: 'Zertifikat läuft ab',
    title: ({ endsAt, trouble }) =>
      trouble
        ? 'Ein neueres Zertifikat konnte nicht gelesen werden'
        : `Das Zertifikat dieses Servers läuft am ${endsAt.slice(0, 10).split('-').reverse().join('.')} ab`,
    text: ({ trouble, names }) => first(trouble, names.length ? `(${names.join(', ')})` : undefined),
  },
  'process.unstable': {
    name: 'Prozess endet immer wieder',
    title: ({ process }) => `Der Prozess „${process}“ endet immer wieder`,
    text: ({ restarts }) => `Er wurde ${restarts}-mal neu gestartet. Auf der Seite des Zustands und im Protokoll nachsehen.`,
  },
  'process.safe-mode': {
    name: 'Sicherer Modus',
    title: () => 'Die Flows laufen nicht: sicherer Modus',
    text: () => 'Die Ablaufumgebung ist mehrmals abgestürzt. Im Designer berichtigen, was zuletzt ausgerollt wurde, und neu ausrollen.',
  },
  'sign-in.new-device': {
    name: 'Anmeldung von neuer Adresse',
    title: ({ person, address }) => `${person} hat sich von einer neuen Adresse angemeldet: ${address}`,
  },
  test: { name: 'Probe', title: ({ by }) => `Probemeldung, gesendet von ${by}`, text: () => 'Benachrichtigungen kommen hier an.' },
}

const WORDS: Record<Language, Words> = { en, de }

/** What a kind of event is called. */
export const eventName = (type: EventType, language: Language): string => WORDS[language][type].name

/** An event in words. */
export function eventInWords({ type, data }: Pick<NotificationEvent, 'type' | 'data'>, language: Language): { title: string; text?: string } {
  // what is stored was made from the same catalogue
  const words = WORDS[language][type] as { title(data: unknown): string; text?(data: unknown): string | undefined }
  const text = words.text?.(data)
  return { title: words.title(data), ...(text ? { text } : {}) }
}

export const GROUP_NAMES: Record<Language, Record<EventGroup, string>> = {
  en: { machines: 'Machines', jobs: 'Jobs', quality: 'Quality', connections: 'Connections', flows: 'Flows', system: 'This installation', people: 'People' },
  de: {
    machines: 'Maschinen',
    jobs: 'Aufträge',
    quality: 'Qualität',
    connections: 'Verbindungen',
    flows: 'Flows',
    system: 'Diese Installation',
    people: 'Personen',
  },
}
export const SEVERITY_NAMES: Record<Language, Record<Severity, string>> = {
  en: { info: 'Information', warning: 'Warning', alarm: 'Alarm' },
  de: { info: 'Hinweis', warning: 'Warnung', alarm: 'Alarm' },
}

/** The page on which an event is looked at. */
export function pageOf({ type, data }: Pick<NotificationEvent, 'type' | 'data'>): string {
  const text = (key: string): string | undefined => (typeof data[key] === 'string' ? encodeURIComponent(data[key]) : undefined)
  switch (EVENTS[type].group) {
    case 'machines':
      return '/operator'
    case 'jobs':
      return '/jobs'
    case 'quality':
      return '/quality'
    case 'connections':
      return '/connections'
    case 'flows':
      return type === 'flow.asks' ? '/operator' : type === 'trigger.missed' ? '/triggers' : type === 'run.failed' ? `/runs#${text('runId') ?? ''}` : '/history'
    case 'people':
      return '/history'
    case 'system':
      return '/settings'
  }
}
