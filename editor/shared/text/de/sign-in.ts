/** Deutsch: Anmelden und Einrichten. */
import type { setup as enSetup, signIn as enSignIn, welcome as enWelcome } from '../en/sign-in.ts'
import type { Translation } from '../index.ts'

export const signIn: Translation<typeof enSignIn> = {
  title: 'Anmelden',
  userName: 'Benutzername',
  password: 'Passwort',
  submit: 'Anmelden',
  withPin: 'Mit PIN anmelden',
  withPassword: 'Mit Passwort anmelden',
  who: 'Wer sind Sie?',
  nobody: 'Noch niemand hat eine PIN. Die Verwaltung vergibt sie bei den Konten, oder: cellwright user add --pin.',
  pinOf: (name) => `PIN von ${name}`,
  pinDigits: (count) => `${count} Ziffern eingegeben`,
  digit: (digit) => `Ziffer ${digit}`,
  erase: 'Letzte Ziffer löschen',
  enter: 'Anmelden',
  back: 'Jemand anderes',
  wrong: 'Benutzername oder Passwort stimmt nicht. Bitte beides prüfen, auch Groß- und Kleinschreibung.',
  tooMany: 'Zu viele Versuche. Bitte eine Minute warten, dann noch einmal.',
  setupNeeded: 'Cellwright hat noch kein Konto. Öffnen Sie die Adresse, die „npm start“ ausgegeben hat: Sie enthält den Code für das erste Konto.',
  searching: 'Personen suchen',
}
export const setup: Translation<typeof enSetup> = {
  title: 'Willkommen bei Cellwright',
  intro: 'Legen Sie das erste Konto an. Es darf alles: Personen anlegen, Abläufe ausrollen, Maschinen bedienen.',
  done: 'Dieses Cellwright ist schon eingerichtet.',
  toSignIn: 'Anmelden',
  noCode: 'Der Einmal-Code fehlt. Öffnen Sie die ganze Adresse, die „npm start“ ausgegeben hat, oder fügen Sie den Code hier ein.',
  code: 'Einmal-Code',
  name: 'Ihr Name',
  nameHint: 'Wie die Kollegen Sie nennen: Er steht in Protokollen und auf der Bedienseite.',
  userName: 'Benutzername',
  userNameHint: '2 bis 40 Buchstaben, Ziffern, Punkte oder Striche',
  userNameWrong: 'Bitte 2 bis 40 Buchstaben, Ziffern, Punkte, Binde- oder Unterstriche.',
  password: 'Passwort',
  passwordHint: 'Mindestens 8 Zeichen',
  passwordShort: 'Bitte mindestens 8 Zeichen.',
  nameMissing: 'Bitte Ihren Namen angeben.',
  create: 'Konto anlegen',
  creating: 'Konto wird angelegt …',
  start: {
    title: (name) => `Guten Tag, ${name}. Wie möchten Sie beginnen?`,
    demo: 'Mit der Demo-Werkstatt beginnen',
    demoText: 'Eine virtuelle Fräsmaschine, ein echtes Programm, Beispielaufträge und der Ablauf, der sie verbindet. Nichts Echtes bewegt sich.',
    demoSteps: 'Maschine, Programm, Aufträge und Ablauf werden eingerichtet. Das dauert einige Sekunden.',
    empty: 'Leer beginnen',
    emptyText: 'Ein leerer Designer. Verbinden Sie Ihre eigene Maschine und zeichnen Sie den ersten Ablauf.',
    failed: 'Die Demo-Werkstatt ließ sich nicht einrichten',
    recommended: 'Empfohlen',
  },
}

/** Ein Passwort mit einem Link wählen. */
export const welcome: Translation<typeof enWelcome> = {
  title: 'Passwort wählen',
  hello: (name) => `Willkommen, ${name}`,
  intro: (userName) => `Sie melden sich als „${userName}“ an. Ein Passwort wählen, das niemand sonst kennt.`,
  password: 'Passwort',
  hint: 'Mindestens 8 Zeichen. Ein paar Wörter sind besser als eines mit Sonderzeichen.',
  again: 'Noch einmal dasselbe',
  short: 'Mindestens 8 Zeichen.',
  different: 'Die beiden sind nicht gleich.',
  choose: 'Behalten und anmelden',
  toSignIn: 'Zur Anmeldung',
}
