/** Deutsch: what a run came to, and what it caused, by the English that the server keeps (`server/runs/summary.ts`). */
import { sayerOf } from './patterns.ts'
import { germanSentence } from './sentences.ts'

const parts: Readonly<Record<string, string>> = {
  'Started by "{name}"': 'Gestartet von „{name}“',
  'Started by {type}': 'Gestartet von {type}',
  'Button "{button}" pressed by {by}': 'Taste „{button}“ gedrückt von {by}',
  'Form "{form}" entered by {by}': 'Formular „{form}“ ausgefüllt von {by}',
  '"{question}" answered by {by}: {answer}': '„{question}“ beantwortet von {by}: {answer}',
  '1 step': '1 Schritt',
  '{count} steps': '{count} Schritte',
  '{count} more of the kind': '{count} weitere dieser Art',
  'failed: {why}': 'fehlgeschlagen: {why}',
  'interrupted: {why}': 'unterbrochen: {why}',

  'program {name} ran {count} lines on {machine}': 'Programm {name}: {count} Zeilen auf {machine} gelaufen',
  'program {name} on {machine} stopped: {why}': 'Programm {name} auf {machine} gestoppt: {why}',
  'program {name} on {machine} failed: {why}': 'Programm {name} auf {machine} fehlgeschlagen: {why}',
  'program {name} on {machine} interrupted: {why}': 'Programm {name} auf {machine} unterbrochen: {why}',
  'program {name} was not run: {why}': 'Programm {name} lief nicht: {why}',
  'program {name} queued for {machine}': 'Programm {name} eingereiht für {machine}',
  'work order {number} from {connection}': 'Fertigungsauftrag {number} aus {connection}',
  'work order {number} confirmed to {connection}': 'Fertigungsauftrag {number} an {connection} zurückgemeldet',
  'work order {number} was not confirmed: {why}': 'Fertigungsauftrag {number} nicht zurückgemeldet: {why}',
  'flow job "{name}" queued': 'Ablauf-Auftrag „{name}“ eingereiht',
  'flow job "{name}" asked for by {by}': 'Ablauf-Auftrag „{name}“ verlangt von {by}',
  '"{name}" tried again by {by}': '„{name}“ noch einmal versucht von {by}',
  '{order} goes on in the run of its job': '{order} geht im Lauf seines Auftrags weiter',
  'replayed by {by}': 'wiederholt von {by}',
  'retried from step {line} by {by}': 'ab Schritt {line} wiederholt von {by}',
  'the flow runtime went away while the run was active': 'die Ablaufumgebung ging weg, während der Lauf im Gange war',
  'the flow runtime did not take the message': 'die Ablaufumgebung hat die Nachricht nicht angenommen',
  '{value} in tolerance': '{value} in der Toleranz',
  '{value} out of tolerance ({limits})': '{value} außerhalb der Toleranz ({limits})',
}

const say = sayerOf(parts, germanSentence)

/** What stands in a link of a run, or between two semicolons of its summary. */
export const germanRunPart = (english: string): string => say(english) ?? germanSentence(english)

/** @returns the summary, as far as there is German for its parts */
export const germanSummary = (english: string): string => english.split('; ').map(germanRunPart).join('; ')

/** The English of all of them, with its blanks. */
export const knownRunParts: readonly string[] = Object.keys(parts)
