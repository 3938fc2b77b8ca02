/** Deutsch: warum der Server eine Vorlage, einen Import oder ein Entfernen ablehnt, nach dem Code der Antwort. */
type Details = Readonly<Record<string, unknown>>

/** Was an einer Datei nicht stimmt, nach `why`. */
const WHY: Readonly<Record<string, string>> = {
  'not-an-archive': 'Die Datei ist kein Vorlagenarchiv (.cwt), oder sie ist beschädigt.',
  'not-a-file': 'Sie enthält etwas, das keine Datei einer Vorlage ist (Verweis, Gerät, Weg aus dem Ordner heraus).',
  'packed-large': 'Sie ist zu groß.',
  'packed-twice': 'Sie ist mehrfach gepackt.',
  'too-large': 'Ausgepackt ist sie zu groß.',
  'too-many-files': 'Sie enthält zu viele Dateien.',
  'file-large': 'Eine Datei darin ist zu groß.',
  ratio: 'Sie ist so gepackt, dass sie ausgepackt den Speicher füllen würde.',
  duplicate: 'Zwei Dateien darin haben denselben Namen.',
  empty: 'Sie ist leer.',
  'behind-the-end': 'Hinter dem Ende des Archivs steht noch etwas.',
  'file-missing': 'Eine Datei fehlt.',
  'not-named': 'Sie enthält eine Datei, die keine Vorlage hat.',
  'seal-missing': 'Das Siegel (signature.json) fehlt.',
  'seal-invalid': 'Das Siegel (signature.json) hat nicht die richtige Form.',
  'hash-missing': 'Für eine Datei steht keine Prüfsumme im Siegel.',
  'hash-wrong': 'Eine Datei wurde nach dem Versiegeln verändert.',
  'signature-missing': 'Sie ist nicht signiert.',
  from: 'Sie gibt eine andere Herkunft an als die, die sie signiert hat.',
  references: 'Was sie von ihren Abläufen sagt, stimmt nicht.',
  'signature-wrong': 'Die Signatur passt nicht zum Inhalt.',
  'json-large': 'Eine JSON-Datei darin ist zu groß.',
  'json-deep': 'Eine JSON-Datei darin ist zu tief verschachtelt.',
  'json-proto': 'Eine JSON-Datei darin enthält verbotene Namen.',
  'not-json': 'Eine JSON-Datei darin ist kein gültiges JSON.',
  'not-utf8': 'Ein Text darin ist nicht in UTF-8.',
  invalid: 'Ihre Beschreibung (template.json) oder ihr Ablauf hat nicht die richtige Form.',
  parameters: 'Ihre Parameter passen nicht zusammen.',
  flow: 'Ihr Ablauf passt nicht zusammen.',
  tests: 'Ihre Tests passen nicht zu ihrem Ablauf.',
  secret: 'Sie enthält etwas, das wie ein Passwort oder Schlüssel aussieht.',
  picture: 'Ein Bild darin ist kein Bild.',
}

/** Was an einer Datei nicht stimmt. */
export const whyRefused = (why: unknown): string => WHY[String(why)] ?? 'Sie hat nicht die richtige Form.'

const named = (value: unknown, property: string): string[] =>
  Array.isArray(value) ? value.map((each: unknown) => String((each as Details | null)?.[property] ?? '')).filter((name) => name !== '') : []

export const templateRefusals: Readonly<Record<string, (details: Details) => string>> = {
  'template-refused': ({ why, file }) =>
    `Das ist keine Vorlage, die angenommen werden kann: ${whyRefused(why)}${typeof file === 'string' ? ` (${file})` : ''} Es wurde nichts behalten.`,
  'template-exists': () => 'Diese Vorlage gibt es in dieser Version schon. Ein anderer Inhalt braucht eine neue Versionsnummer.',
  'template-not-found': () => 'Diese Vorlage gibt es nicht (mehr). Die Galerie zeigt, was da ist.',
  'template-of-product': () => 'Diese Vorlage kommt mit Cellwright und bleibt.',
  'import-not-found': () => 'Diesen Import gibt es nicht mehr.',
  'parameters-invalid': () => 'Es fehlt ein Wert, oder einer passt nicht. Es wurde nichts importiert.',
  'template-needs': ({ needs }) => `Es fehlt noch: ${named(needs, 'name').join(', ')}. Es wurde nichts importiert.`,
  'template-conflicts': ({ conflicts }) =>
    `Hier und in der Vorlage geändert: ${named(conflicts, 'name').slice(0, 3).join(', ')}. Entscheiden Sie jeweils, was bleibt.`,
  'template-signer': () =>
    'Was hier importiert ist, hat ein anderer Schlüssel signiert als diese Datei. Fragen Sie den Autor; dann sagen Sie, dass Sie sie annehmen.',
  'template-own-work': () =>
    'Auf den Reitern dieses Imports steht, was andere dazugesetzt haben. Schieben Sie es auf einen anderen Reiter, oder entfernen Sie es mit.',
  'program-exists': ({ programs }) =>
    `Ein anderes Programm dieses Namens gibt es hier schon: ${named(programs, 'name').join(', ')}. Benennen Sie es um, oder importieren Sie ohne Programme.`,
  'draft-behind': () => 'Ihr Entwurf im Designer steht dem entgegen. Übernehmen oder verwerfen Sie ihn dort, dann importieren Sie. Es wurde nichts geändert.',
  'template-address': () =>
    'Das ist keine Adresse, von der geladen werden kann: Sie beginnt mit https:// (im eigenen Netz auch http://) und enthält weder Namen noch Passwort. Es wurde nichts geladen.',
  'link-over': () => 'Dieser Link ist abgelaufen oder nicht ganz kopiert. Bitten Sie um einen neuen.',
  'template-private-address': ({ host, address }) =>
    `${String(host)} liegt im eigenen Netz (${String(address)}): Dieser Server würde ein Gerät Ihres Netzes fragen. Es wurde nichts geladen.`,
  'template-changed': () => 'Unter dieser Adresse liegt jetzt eine andere Datei als die angesehene. Sehen Sie sie noch einmal an. Es wurde nichts behalten.',
  'download-failed': () => 'Die Datei konnte nicht geladen werden. Prüfen Sie die Adresse, und ob der Server dorthin kommt.',
  'no-shared-folder': () => 'Dieser Betrieb hat keinen gemeinsamen Ordner für Vorlagen (CELLWRIGHT_TEMPLATES).',
  'shared-folder': () => 'Der gemeinsame Ordner ist gerade nicht zu erreichen. Wer den Server betreut, sieht danach.',
}
