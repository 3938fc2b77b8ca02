import type { qualityFiles as en } from '../en/quality-files.ts'

const PROBLEMS: Readonly<Record<string, string>> = {
  'not-a-field': 'Das ist weder ein Feld noch eine Zeile mit Werten.',
  'unknown-field': 'Dieses Feld gehört weder zu einem Teil (K1) noch zu einem Merkmal (K2) oder einem Wert (K0).',
  'not-described': 'Dieses Merkmal ist weiter oben nicht beschrieben, der Wert lässt sich nicht zuordnen.',
  'count-differs': 'K0100 nennt eine andere Anzahl von Merkmalen, als beschrieben sind. Vielleicht ist die Datei abgeschnitten.',
  'not-a-number': 'Das ist keine Zahl.',
  'not-a-time': 'Das ist keine Zeitangabe; sie wird geschrieben wie 31.12.2026/14:05:00.',
  'value-missing': 'Hier fehlt der Wert selbst.',
  'nominal-missing': 'Das Merkmal hat kein Nennmaß (K2101) und keine zwei Grenzen, zwischen denen es läge.',
  'tolerance-reversed': 'Die untere Grenze liegt über der oberen.',
  'counts-not-made':
    'Das Merkmal wird gezählt, nicht gemessen. Für welche Karte, sagt die Datei nicht: zuerst mit demselben Namen, Teil und derselben Einheit anlegen.',
  'chart-not-fitting': 'In der Datei und hier wird es auf verschiedene Art erfasst: gezählt oder gemessen.',
  'characteristic-locked': 'Das Merkmal wartet auf eine Ursache oder Maßnahme; bis dahin wird nichts mehr eingetragen.',
  'serial-measured': 'Diese Seriennummer ist schon gemessen.',
  'field-missing': 'Das Merkmal verlangt eine Angabe, die in der Datei fehlt.',
  'value-invalid': 'Dieser Wert passt nicht zum Merkmal.',
  'size-missing': 'Es fehlt, von wie vielen gezählt wurde.',
  nothing: 'Hier ist kein Merkmal beschrieben. Zu Werten allein (.dfx) gehört die Beschreibung (.dfd): beide wählen.',
}

export const qualityFiles: typeof en = {
  menu: 'Bericht',
  chart: 'Regelkarte',
  capability: 'Fähigkeit',
  measurements: 'Messwerte',
  pdf: (what) => `${what} als PDF`,
  csv: (what) => `${what} als CSV`,
  aqdef: 'Für Q-DAS (AQDEF .dfq)',
  points: (count) => `Die neuesten ${count} Punkte`,
  import: {
    title: 'Aus Q-DAS (AQDEF)',
    lead: 'Eine Datei .dfq, oder eine Beschreibung .dfd mit ihren Werten .dfx: beide wählen. Merkmale werden nach Name, Teil und Einheit zugeordnet oder angelegt; Werte werden als übernommen eingetragen, dieselbe Datei zweimal nur einmal.',
    choose: 'AQDEF-Dateien wählen',
    looking: 'Wird gelesen …',
    go: (count) => `Übernehmen (Werte: ${count})`,
    partly: (count) => `Den Rest übernehmen (Werte: ${count})`,
    working: 'Wird übernommen …',
    states: { matched: 'ist da', made: 'angelegt', new: 'wird angelegt', refused: 'wird nicht übernommen' },
    values: (count) => `Werte: ${count}`,
    entered: (entered, repeated) => `${entered} eingetragen, ${repeated} waren da`,
    done: (count) => `Übernommen. Werte: ${count}.`,
    problems: (count) => `Was sich nicht übernehmen lässt (${count}):`,
    line: (line) => `Zeile ${line}`,
    problem: (code, text) => {
      const german = Object.hasOwn(PROBLEMS, code) ? PROBLEMS[code] : undefined
      const quoted = /“([^”]*)”/.exec(text)?.[1]
      return german === undefined ? text : `${german}${quoted ? ` („${quoted}“)` : ''}`
    },
  },
}
