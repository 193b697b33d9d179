// Written by scripts/embed-console.sh: one entry per file of Sources/ChangeFeedConsole/Web/.
#include "CConsoleAssets.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char api_js[] = {
#embed "../ChangeFeedConsole/Web/api.js"
};

static const unsigned char app_js[] = {
#embed "../ChangeFeedConsole/Web/app.js"
};

static const unsigned char chart_js[] = {
#embed "../ChangeFeedConsole/Web/chart.js"
};

static const unsigned char dom_js[] = {
#embed "../ChangeFeedConsole/Web/dom.js"
};

static const unsigned char icon_svg[] = {
#embed "../ChangeFeedConsole/Web/icon.svg"
};

static const unsigned char index_html[] = {
#embed "../ChangeFeedConsole/Web/index.html"
};

static const unsigned char pages_access_js[] = {
#embed "../ChangeFeedConsole/Web/pages/access.js"
};

static const unsigned char pages_audit_js[] = {
#embed "../ChangeFeedConsole/Web/pages/audit.js"
};

static const unsigned char pages_devices_js[] = {
#embed "../ChangeFeedConsole/Web/pages/devices.js"
};

static const unsigned char pages_endpoints_js[] = {
#embed "../ChangeFeedConsole/Web/pages/endpoints.js"
};

static const unsigned char pages_events_js[] = {
#embed "../ChangeFeedConsole/Web/pages/events.js"
};

static const unsigned char pages_findings_js[] = {
#embed "../ChangeFeedConsole/Web/pages/findings.js"
};

static const unsigned char pages_models_js[] = {
#embed "../ChangeFeedConsole/Web/pages/models.js"
};

static const unsigned char pages_overview_js[] = {
#embed "../ChangeFeedConsole/Web/pages/overview.js"
};

static const unsigned char pages_sign_in_js[] = {
#embed "../ChangeFeedConsole/Web/pages/sign-in.js"
};

static const unsigned char style_css[] = {
#embed "../ChangeFeedConsole/Web/style.css"
};

static const unsigned char text_js[] = {
#embed "../ChangeFeedConsole/Web/text.js"
};

static const unsigned char texts_ar_js[] = {
#embed "../ChangeFeedConsole/Web/texts/ar.js"
};

static const unsigned char texts_en_js[] = {
#embed "../ChangeFeedConsole/Web/texts/en.js"
};

static const unsigned char texts_fr_js[] = {
#embed "../ChangeFeedConsole/Web/texts/fr.js"
};

static const unsigned char theme_js[] = {
#embed "../ChangeFeedConsole/Web/theme.js"
};

static const console_asset assets[] = {
    {"api.js", api_js, sizeof api_js},
    {"app.js", app_js, sizeof app_js},
    {"chart.js", chart_js, sizeof chart_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"index.html", index_html, sizeof index_html},
    {"pages/access.js", pages_access_js, sizeof pages_access_js},
    {"pages/audit.js", pages_audit_js, sizeof pages_audit_js},
    {"pages/devices.js", pages_devices_js, sizeof pages_devices_js},
    {"pages/endpoints.js", pages_endpoints_js, sizeof pages_endpoints_js},
    {"pages/events.js", pages_events_js, sizeof pages_events_js},
    {"pages/findings.js", pages_findings_js, sizeof pages_findings_js},
    {"pages/models.js", pages_models_js, sizeof pages_models_js},
    {"pages/overview.js", pages_overview_js, sizeof pages_overview_js},
    {"pages/sign-in.js", pages_sign_in_js, sizeof pages_sign_in_js},
    {"style.css", style_css, sizeof style_css},
    {"text.js", text_js, sizeof text_js},
    {"texts/ar.js", texts_ar_js, sizeof texts_ar_js},
    {"texts/en.js", texts_en_js, sizeof texts_en_js},
    {"texts/fr.js", texts_fr_js, sizeof texts_fr_js},
    {"theme.js", theme_js, sizeof theme_js},
};

const console_asset *console_assets(ptrdiff_t *count) {
    *count = sizeof assets / sizeof assets[0];
    return assets;
}
