/** German: the operator page. */

import type { operator as en } from '../en/operator.ts'
import type { Translation } from '../index.ts'

export const operator: Translation<typeof en> = {
  machines: 'Maschinen',
  noMachine: 'Noch keine Maschine',
  noMachineText: 'Die Technik richtet sie auf der Seite „Maschinen“, mit „cellwright machine add“ oder mit der Demowerkstatt ein.',
  buttons: 'Aktionen',
  noButtons: 'Kein Flow bietet hier einen Knopf an',
  noButtonsText: 'Knöpfe kommen im Designer mit dem Knoten „Bedientaste“ hierher.',
  asks: 'Fragen',
  askSince: (time: string) => `seit ${time}`,
  askUntil: (time: string) => `Antwort bis ${time}`,
  askLate: 'Überfällig: noch niemand hat geantwortet',
  askOther: 'Das muss jemand anders beantworten',
  askWhy: 'Schreiben Sie zuerst in die Bemerkung, warum.',
  askComment: 'Bemerkung (bleibt bei der Antwort)',
  nothingWaits: 'Nichts wartet',
  waiting: (count) => `${count} warten`,
  chooseWaiting: 'Welcher?',
  press: 'Ausführen',
  enterValue: (label) => `Eingeben: ${label}`,
  missing: 'Geben Sie zuerst eine Zahl ein.',
  pressed: (by, time) => `${by}, ${time}`,
  runState: { active: 'In Arbeit', completed: 'Fertig', failed: 'Fehlgeschlagen', interrupted: 'Unterbrochen', cancelled: 'Abgebrochen' },
  runs: 'Letzte Läufe',
  allRuns: 'Alle Läufe',
  noRuns: 'Noch ist nichts gelaufen.',
  back: 'Zurück',
  erase: 'Löschen',
  sign: 'Vorzeichen wechseln',
  decimal: 'Dezimalzeichen',
}
