// Texts, numbers and times in the chosen language. Every text of the page is in texts/; none is elsewhere.

import en from "./texts/en.js";
import fr from "./texts/fr.js";
import ar from "./texts/ar.js";

export const languages = { en: "English", fr: "Français", ar: "العربية" };
const texts = { en, fr, ar };

export function language() {
  return document.documentElement.lang in texts ? document.documentElement.lang : "en";
}

export function setLanguage(name) {
  document.documentElement.lang = name;
  document.documentElement.dir = name === "ar" ? "rtl" : "ltr";
  remember("changefeed.language", name);
}

export function remember(name, value) {
  try {
    if (value === null) localStorage.removeItem(name); else localStorage.setItem(name, value);
  } catch { /* A browser that keeps nothing. */ }
}

/** The text of a key, with {names} filled in; the English one where a translation lacks it. */
export function t(key, values = {}) {
  const text = texts[language()][key] ?? en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The text of a word that the database sends, such as a state; the word itself where there is none. */
export function word(prefix, value) {
  if (value === null || value === undefined) return "";
  const key = `${prefix}.${value}`;
  return key in en ? t(key) : String(value);
}

// Arabic with Latin digits, as the numbers beside them (ids, codes) have them.
const locale = () => (language() === "ar" ? "ar-u-nu-latn" : language());

export function number(value, options = {}) {
  if (value === null || value === undefined) return "–";
  return new Intl.NumberFormat(locale(), options).format(value);
}

export function compact(value) {
  return number(value, { notation: "compact", maximumFractionDigits: 1 });
}

export function bytes(value) {
  if (value === null || value === undefined) return "–";
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) { size /= 1024; unit += 1; }
  return number(size, { style: "unit", unit: units[unit], unitDisplay: "short", maximumFractionDigits: size < 10 && unit ? 1 : 0 });
}

export function seconds(value) {
  if (value === null || value === undefined) return "–";
  const unit = (size, name, digits) => number(size, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits });
  if (value < 1) return unit(value * 1000, "millisecond", 0);
  if (value < 120) return unit(value, "second", 1);
  if (value < 7200) return unit(value / 60, "minute", 0);
  if (value < 172800) return unit(value / 3600, "hour", 1);
  return unit(value / 86400, "day", 0);
}

export function time(text) {
  if (!text) return "–";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));
}

export function clock(date) {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(date);
}

export function ago(text) {
  if (!text) return "–";
  const past = (new Date(text) - Date.now()) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  const size = Math.abs(past);
  if (size < 60) return format.format(Math.round(past), "second");
  if (size < 3600) return format.format(Math.round(past / 60), "minute");
  if (size < 86400) return format.format(Math.round(past / 3600), "hour");
  return format.format(Math.round(past / 86400), "day");
}
