/** German: the operator page. */

import type { operator as en } from '../en/operator.ts'
import type { Translation } from '../index.ts'

export const operator: Translation<typeof en> = {
  machines: 'Maschinen',
  noMachine: 'Noch keine Maschine',
  noMachineText: 'Die Technik richtet sie auf der Seite „Maschinen“, mit „cellwright machine add“ oder mit der Demowerkstatt ein.',
  buttons: 'Aktionen',
  noButtons: 'Kein Flow bietet hier einen Knopf an',
  noButtonsText: 'Knöpfe kommen im Designer mit dem Knoten „operator button“ hierher.',
  nothingWaits: 'Nichts wartet',
  waiting: (count) => `${count} warten`,
  chooseWaiting: 'Welcher?',
  press: 'Ausführen',
  enterValue: (label) => `Eingeben: ${label}`,
  missing: 'Geben Sie zuerst eine Zahl ein.',
  pressed: (by, time) => `${by}, ${time}`,
  runState: { active: 'In Arbeit', completed: 'Fertig', failed: 'Fehlgeschlagen', interrupted: 'Unterbrochen' },
  runs: 'Letzte Läufe',
  allRuns: 'Alle Läufe',
  noRuns: 'Noch ist nichts gelaufen.',
  back: 'Zurück',
  erase: 'Löschen',
  sign: 'Vorzeichen wechseln',
  decimal: 'Dezimalzeichen',
}
