/** Deutsch: warum der Server eine Übergabe oder eine Einstellung des Git-Spiegels ablehnt, nach dem Code der Antwort. */
import { whyRefused } from './template-refusals.ts'

type Details = Readonly<Record<string, unknown>>

const count = (value: unknown): number => (Array.isArray(value) ? value.length : 0)
const first = (value: unknown, property: string): string => (Array.isArray(value) ? String((value[0] as Details | undefined)?.[property] ?? '') : '')

export const environmentRefusals: Readonly<Record<string, (details: Details) => string>> = {
  'promotion-refused': ({ why, file }) =>
    `Das ist keine Übergabe, die angenommen werden kann: ${whyRefused(why)}${typeof file === 'string' ? ` (${file})` : ''} Es wurde nichts behalten.`,
  'promotion-empty': () => 'Darin ist kein Ablauf, der übergeben werden könnte.',
  'promotion-not-found': () => 'Diese Datei gibt es nicht mehr. Sehen Sie die Liste noch einmal an.',
  'promotion-of-another': () => 'Diese Datei hat eine andere Installation angeboten: Dort wird sie zurückgenommen.',
  'promotion-store': () => 'Der gemeinsame Ordner fehlt oder kann nicht beschrieben werden.',
  'promotion-signer': () => 'Von dieser Installation wurde noch nie etwas übernommen. Vergleichen Sie zuerst den Schlüssel.',
  'promotion-open': () => 'Wählen Sie zuerst, was hier wofür steht; was es hier noch nicht gibt, ist vorher anzulegen. Es wurde nichts geändert.',
  'promotion-overwrites': ({ changedHere }) => `Hier wurden inzwischen ${count(changedHere)} Knoten geändert, die verloren gingen. Es wurde nichts geändert.`,
  'template-needs': () => 'Es fehlt noch etwas, das diese Abläufe brauchen. Es wurde nichts geändert.',
  'version-failed': () => 'Diese Version lief nie: Ihr Ausrollen schlug fehl. Wählen Sie eine andere.',
  'export-secret': ({ secrets }) =>
    `Eine Übergabe darf kein Geheimnis enthalten, und hier steht eines: ${first(secrets, 'where')}. Es wurde nichts geschrieben.`,
  'body-too-large': () => 'Die Datei ist zu groß. Es wurde nichts behalten.',
  'mirror-remote': () =>
    'Das ist keine Adresse eines Repositorys: Sie beginnt mit https:// und enthält weder Passwort noch Token. Diese kommen in ihr eigenes Feld.',
  'mirror-plain-http': () =>
    'Über http:// gehen Abläufe und Token unverschlüsselt: Wer im Netz mithört, kann sie lesen. Nehmen Sie https://, oder sagen Sie, dass es so sein darf; es geht dann nur an Adressen des eigenen Netzes.',
  'promotion-program': () =>
    'Ein Programm wurde hier inzwischen geändert oder ist nicht in der Datei. Es wurde nichts ersetzt: Sehen Sie die Übergabe noch einmal an.',
  'mirror-branch': () => 'Das ist kein Name eines Branches. Er sieht aus wie main oder betrieb/ablaeufe.',
  'mirror-off': () => 'Der Git-Spiegel ist ausgeschaltet.',
}
