import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';
import type { Text } from './api';
import { en, it } from './texts';

export type Language = 'it' | 'en';

const remembered = 'bottega.language';

/** Chosen here before, or what the browser asks for. */
export function firstLanguage(): Language {
  const chosen = localStorage.getItem(remembered);
  if (chosen === 'it' || chosen === 'en') return chosen;
  return navigator.language.startsWith('it') ? 'it' : 'en';
}

export function hasChosen(): boolean {
  return localStorage.getItem(remembered) !== null;
}

export function speak(language: Language): void {
  localStorage.setItem(remembered, language);
  void i18next.changeLanguage(language);
}

void i18next.use(initReactI18next).init({
  resources: { en: { translation: en }, it: { translation: it } },
  lng: firstLanguage(),
  fallbackLng: 'en',
  interpolation: { escapeValue: false }, // React escapes
});

/** How dates and numbers are written: as the browser says for this language, or as
 * in Europe. */
function localeOf(language: Language): string {
  return navigator.languages.find((l) => l.startsWith(language + '-')) ?? (language === 'it' ? 'it-IT' : 'en-GB');
}

/** The texts of the admin, those of apps in the same language, and its name. */
export function useTexts() {
  const { t, i18n } = useTranslation();
  const language: Language = i18n.language === 'it' ? 'it' : 'en';
  return { t, language, locale: localeOf(language), of: (text: Text | undefined) => text?.[language] ?? '' };
}
