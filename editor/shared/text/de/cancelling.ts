/** German: what cancelling a run or a job would end. */
import type { cancelling as en } from '../en/cancelling.ts'
import type { Translation } from '../index.ts'

export const cancelling: Translation<typeof en> = {
  runTitle: 'Diesen Lauf abbrechen',
  jobTitle: (name) => `${name} abbrechen`,
  reading: 'Es wird nachgesehen, was enden würde …',
  runEnds: 'Der Lauf endet als abgebrochen. Was ein Knoten gerade tut, bringt er zu Ende; danach geht nichts weiter.',
  jobEnds: 'Der Auftrag endet als abgebrochen. Sein Flow geht nicht weiter; wer auf das Ergebnis wartet, erfährt es.',
  scope: 'Was endet',
  scopeJob: 'Nur dieser Auftrag',
  scopeRun: 'Der ganze Lauf, der ihn verlangt hat',
  steps: (count) => (count === '1' ? 'Ein Warten endet.' : `${count} Wartende enden.`),
  active: (count) => (count === '1' ? 'Ein Auftrag in Arbeit endet.' : `${count} Aufträge in Arbeit enden.`),
  waiting: (count) =>
    count === '1' ? 'Ein Auftrag, der noch nicht begonnen hat, wird abgebrochen.' : `${count} Aufträge, die noch nicht begonnen haben, werden abgebrochen.`,
  more: (count) => `und ${count} weitere`,
  nothingElse: 'Sonst hängt nichts daran.',
  programs: (count) => (count === '1' ? 'Eine Maschine führt dafür ein Programm aus' : `${count} Maschinen führen dafür Programme aus`),
  runsOn: (program, machine) => `${machine} führt ${program} aus`,
  machine: 'Die Maschine',
  finish: 'führt das Programm zu Ende aus',
  hold: 'hält an, wo sie ist, und behält ihr Programm, bis jemand fortsetzt oder stoppt',
  stop: 'stoppt; das Programm endet, und was dahinter wartet, wird abgebrochen oder angehalten, wie es die Warteschlange vorsieht',
  mayNotStop: 'Ihre Rolle darf Maschinen nicht anhalten oder stoppen: Das Programm läuft zu Ende.',
  takeBack: (count) =>
    count === '1'
      ? 'Die Meldung an ein anderes System zurücknehmen, die noch nicht hinausging'
      : `${count} Meldungen an andere Systeme zurücknehmen, die noch nicht hinausgingen`,
  takeBackHelp: 'Sonst gehen sie hinaus: Sie melden, was geschehen ist.',
  why: 'Warum',
  whyHelp: 'Steht beim Lauf und bei seinen Aufträgen.',
  cancelRun: 'Lauf abbrechen',
  cancelJob: 'Auftrag abbrechen',
  keep: 'Weiterlaufen lassen',
  over: 'Inzwischen ist es zu Ende gegangen.',
  doneRun: 'Der Lauf ist abgebrochen.',
  jobsEnd: (count) => (count === '1' ? 'Ein Auftrag endete mit ihm.' : `${count} Aufträge endeten mit ihm.`),
  doneJob: 'Abgebrochen.',
  close: 'Schließen',
}
