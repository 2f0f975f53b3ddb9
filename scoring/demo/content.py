"""What the inventing company, Lumbre, has to read, to sign up for and to sell."""

from decimal import Decimal
from typing import Final, NamedTuple

# The paths of its site; the prices and the careers have rules of their own in the model.
PRICING: Final = ("/pricing", "/pricing/team", "/pricing/enterprise", "/pricing?plan=team")
CAREERS: Final = ("/careers", "/careers/developer", "/careers/sales", "/careers/apply")
READING: Final = (
    *("/", "/product", "/product/forecast", "/product/stock", "/product/integrations"),
    *("/customers", "/customers/molinos-faro-azul", "/customers/harbour-foods", "/security"),
    *("/blog/safety-stock", "/blog/abc-analysis", "/blog/excel-to-lumbre", "/blog/lead-times"),
    *("/docs/first-steps", "/docs/api", "/about", "/contact"),
)
DOWNLOADS: Final = (
    *(
        "Guide: Safety stock in one hour",
        "Template: ABC analysis",
        "Guía: Del Excel a la previsión",
    ),
    *("Case study: Harbour Foods", "Caso: Molinos Faro Azul", "Checklist: Choosing a stock tool"),
    *("White paper: Forecasting for shops", "Price list"),
)
DEMO_FORM: Final = "Request a demo"
CONTACT_FORM: Final = "Contact us"
NEWSLETTER_FORM: Final = "Newsletter"


class Meeting(NamedTuple):
    """Something with a date: so many days before the anchor."""

    title: str
    days_ago: int


WEBINARS: Final = tuple(
    Meeting(title, 20 + 29 * place)
    for place, title in enumerate(
        (
            *("Webinar: Stock without surprises", "Webinar: Previsión para tiendas"),
            *("Webinar: From spreadsheet to plan", "Webinar: ABC en la práctica"),
            *("Webinar: Seasonal demand", "Webinar: Integrar su ERP"),
            *("Webinar: Ask the team", "Webinar: Menos roturas de stock"),
            *("Webinar: Purchasing in teams", "Webinar: Primeros pasos"),
            *("Webinar: Forecasting basics", "Webinar: Casos de clientes"),
        )
    )
)
EVENTS: Final = (
    Meeting("Feria Logística del Sur", 45),
    Meeting("Northern Supply Days", 130),
    Meeting("Encuentro Retail", 250),
)
# The newsletter goes out every ten days.
NEWSLETTERS: Final = tuple(Meeting(f"Newsletter {36 - one}", 3 + 10 * one) for one in range(36))


class CampaignPlan(NamedTuple):
    name: str
    channel: str
    starts: int
    ends: int
    budget: int
    cost: int
    # What was planned: leads, customers, revenue.
    leads: int
    customers: int
    revenue: int


CAMPAIGNS: Final = (
    CampaignPlan("Search ads: stock software", "online", 365, 0, 24_000, 22_350, 650, 45, 250_000),
    CampaignPlan("Redes: Previsión sin Excel", "online", 300, 60, 12_000, 11_480, 400, 20, 90_000),
    CampaignPlan("Newsletter", "online", 365, 0, 3_000, 2_610, 900, 30, 120_000),
    CampaignPlan("Webinar series", "online", 340, 10, 6_000, 5_200, 350, 40, 200_000),
    CampaignPlan("Feria Logística del Sur", "offline", 60, 40, 9_000, 9_750, 150, 10, 60_000),
    CampaignPlan("Northern Supply Days", "offline", 145, 128, 8_000, 7_300, 120, 8, 50_000),
    CampaignPlan("Encuentro Retail", "offline", 262, 248, 5_000, 5_100, 90, 6, 30_000),
    CampaignPlan("Partner referrals", "online", 365, 0, 4_000, 1_900, 130, 12, 70_000),
)


class Arm(NamedTuple):
    """People of a mailing who were treated alike; the first of them got nothing."""

    name: str
    people: int
    visits: int
    customers: int
    revenue: int


# One mailing of this campaign, with a tenth of its readers kept out.
MAILING: Final = "Newsletter"
ARMS: Final = (
    Arm("No mailing", 1_200, 118, 7, 24_600),
    Arm("Subject with a question", 5_400, 811, 58, 214_000),
    Arm("Subject with a figure", 5_400, 702, 39, 141_500),
)
# The campaign that brought a contact, with how many in 100.
ORIGINS: Final = (
    ("Search ads: stock software", "Search", 30),
    ("Redes: Previsión sin Excel", "Social networks", 18),
    ("Newsletter", "Newsletter", 14),
    ("Webinar series", "Webinar", 16),
    ("Feria Logística del Sur", "Trade fair", 6),
    ("Northern Supply Days", "Trade fair", 5),
    ("Encuentro Retail", "Trade fair", 4),
    ("Partner referrals", "Referral", 7),
)


class ProductPlan(NamedTuple):
    name: str
    price: Decimal
    seats: int


PRODUCTS: Final = (
    ProductPlan("Lumbre Start", Decimal("29.00"), 5),
    ProductPlan("Lumbre Team", Decimal("59.00"), 40),
    ProductPlan("Lumbre Enterprise", Decimal("99.00"), 10_000),
)
TOOLS: Final = ("Spreadsheets", "ERP module", "Another product", "Nothing")
WON_BECAUSE: Final = (
    *("Easiest to start with", "Better forecast in the trial", "Recomendación de un colega"),
    *("Integrates with our ERP", "Precio por usuario claro", "Good support in Spanish"),
)
LOST_BECAUSE: Final = (
    *("Too expensive", "No budget this year", "Chose another product", "Sin tiempo para cambiar"),
    *("Missing an integration", "Project postponed", "No responde"),
)
