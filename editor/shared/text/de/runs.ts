/** German: the run history. */

import type { runs as en } from '../en/runs.ts'
import type { Translation } from '../index.ts'

export const runs: Translation<typeof en> = {
  title: 'Läufe',
  search: 'Auslöser oder Geschehen suchen',
  all: 'Alle',
  state: { active: 'Aktiv', completed: 'Fertig', failed: 'Fehlgeschlagen', interrupted: 'Unterbrochen' },
  empty: 'Noch kein Lauf',
  emptyText:
    'Ein Lauf beginnt, wenn etwas einen Flow auslöst: ein Knopf, ein Arbeitsauftrag, ein Ereignis der Maschine. Drücken Sie einen Knopf auf der Bedienseite, dann erscheint er hier.',
  noMatch: 'Kein Lauf passt dazu.',
  older: 'Ältere Läufe',
  noMore: 'Das war der erste Lauf.',
  choose: 'Wählen Sie einen Lauf, um jeden Schritt, den Auftrag, das Programm und die Rückmeldung zu sehen.',
  gone: 'Dieser Lauf steht nicht in der Geschichte.',
  began: 'Begonnen',
  took: 'Dauer',
  hops: (count) => (count === '1' ? '1 Schritt' : `${count} Schritte`),
  onlyFirst: (count) => `Die ersten ${count} Schritte stehen hier einzeln; gezählt sind alle.`,
  links: 'Was er bewirkt und getroffen hat',
  path: 'Der Weg der Nachricht',
  outcome: { received: 'empfangen', completed: 'fertig', failed: 'fehlgeschlagen' },
  kind: {
    job: 'Auftrag',
    program: 'Programm',
    confirmation: 'Rückmeldung',
    workOrder: 'Arbeitsauftrag',
    press: 'Knopfdruck',
    measurement: 'Messung',
    process: 'Prozess',
  },
  settled: 'Durch Stille beendet: Ein Knoten hat nie gesagt, dass er fertig ist.',
  inDesigner: 'Knoten im Designer zeigen',
  stale: 'Nicht aktuell: Die Verbindung zum Server ist weg.',
  back: 'Alle Läufe',
}
